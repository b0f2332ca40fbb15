"""Processes, signals, handed-over sockets, and the command line."""
