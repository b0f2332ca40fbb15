"""Whole conversations, written down as they should go."""
