"""Who wrote this: iprev, SPF, DKIM, ARC and DMARC, each usable alone, and how their results are written down."""
