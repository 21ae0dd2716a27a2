"""The floor that waits: clocks, locks, sockets, files and the environment; it knows nothing of language models."""
