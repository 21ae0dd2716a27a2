"""A client for MCP servers: where they are, how they are reached, what they offer; models and rings are no business of it."""
