"""workers.counted: all that the page has is described, and nothing else; the committed description is fresh."""
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from mta.base.events import Event
from mta.base.metrics import exposition
from web.metrics import FAMILIES
from workers.counted import everything, page

ROOT = Path(__file__).resolve().parents[2]


def test_the_list_is_that_of_the_page(tmp_path: Path) -> None:
    """Every name that Prometheus reads is described, with its kind, help and labels; and nothing else."""
    shown = {family.name + ("_total" if family.type == "counter" else ""): family for family in text_string_to_metric_families(
        exposition(tmp_path, ["web"]).decode())}
    elsewhere = {family.name for family in FAMILIES}
    listed = {one.name: one for one in everything()}
    assert set(listed) == set(shown) | elsewhere
    for name, family in shown.items():
        assert (listed[name].kind, listed[name].help) == (family.type, family.documentation)
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(listed[name].labels)


def test_the_committed_page_is_fresh() -> None:
    """scripts/documents.py makes it; every metric, label value and event is in it."""
    text = page()
    assert (ROOT / "docs" / "metrics.md").read_text() == text
    for one in everything():
        assert f"### `{one.name}`" in text
        assert all(f"`{value}`" in text for values in one.labels.values() for value in values)
    assert all(f"| `{event.key}` | {event.level} | {event.sentence} |" in text for event in Event)
