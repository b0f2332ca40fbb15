"""Documents that machines send to one another."""
