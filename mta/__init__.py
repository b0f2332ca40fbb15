"""Pillarbox: the mail server itself, from names and bytes up to what it does with a message."""

VERSION = "0.1.0"
