"""Pure policy: what to ask, what follows a failure, what an answer costs; never any input or output."""
