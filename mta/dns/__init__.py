"""Questions and answers of the DNS, and the rules of a cache."""
