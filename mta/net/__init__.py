"""What the server reaches: the only sockets, TLS contexts and HTTPS."""
