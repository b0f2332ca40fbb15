"""What travels between our pages and the server: the types, one module per application.

Answers have all fields, and null means "none"; what a program may leave out of a question
is empty by default, and pages send it all the same.  Times are seconds since 1970 UTC, sizes are octets.  `web.typescript` turns
these types, with their docstrings, into `web/client/api.ts`.
"""
