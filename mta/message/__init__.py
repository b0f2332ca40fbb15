"""Formats of mail: headers, addresses, MIME, trace fields, composing."""
