"""The one implementation that waits, written by hand; its blocking twin is generated from it."""
