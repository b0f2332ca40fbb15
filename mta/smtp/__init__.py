"""Both ends of an SMTP conversation, without opinions and without sockets."""
