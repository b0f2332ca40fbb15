"""Typed settings, with default and help beside each."""
