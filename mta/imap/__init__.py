"""IMAP: what is said, and how it is understood."""
