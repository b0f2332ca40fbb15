"""Which protection a connection needs."""
