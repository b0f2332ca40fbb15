"""Measurements: whole commands against real processes; figures go to docs/benchmarks.md, never into an assertion."""
