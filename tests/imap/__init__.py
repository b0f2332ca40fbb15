"""Tests of mta.imap."""
