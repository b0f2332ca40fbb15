"""Tests of mta.store."""
