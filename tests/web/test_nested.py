"""A message within a message as a document."""
from web.nested import document


def test_a_header_is_text() -> None:
    """Whatever stands in a field is shown, and is no markup."""
    shown = document([("From", "<b>x</b>"), ("Subject", 'a "quote"')], "<p>body</p>")
    assert "&lt;b&gt;x&lt;/b&gt;" in shown
    assert shown.endswith("<p>body</p>")
