"""What is no report, or none that we read: one error for every kind of document."""
from mta.base.errors import PillarboxError


class BadReport(PillarboxError, ValueError):
    """A document from outside that is not taken as a report; the text says why, in words for whoever receives it."""
