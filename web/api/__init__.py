"""What travels between our pages and the server: the types, one module per application.

Struct fields have no defaults: both sides always send all of them, and null means
"none".  Times are seconds since 1970 UTC, sizes are octets.  `web.typescript` turns
these types, with their docstrings, into `web/client/api.ts`.
"""
