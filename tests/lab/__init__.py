"""A lab of real peers: Postfix, unbound, nsd, swaks and Chromium in a network namespace of their own."""
