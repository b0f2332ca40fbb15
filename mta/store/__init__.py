"""What the server remembers: the only SQL and the only mail files."""
