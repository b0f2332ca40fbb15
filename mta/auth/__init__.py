"""Who wrote this: DKIM (and, in time, SPF, DMARC, ARC)."""
