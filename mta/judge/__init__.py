"""Opinions: what follows from a fact."""
