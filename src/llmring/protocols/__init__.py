"""Pure wire formats, one module each; a protocol is never a provider."""
