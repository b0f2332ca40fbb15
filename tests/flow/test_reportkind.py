"""What kinds of reports have in common."""
from mta.base.names import Address
from mta.flow.reportkind import Destination


def test_how_a_destination_is_suppressed() -> None:
    """An address in any case, a URL as it is."""
    assert Destination("mailto:Agg@B.test", Address.parse("Agg@B.test")).key == "agg@b.test"
    assert Destination("https://b.test/Tls").key == "https://b.test/Tls"
