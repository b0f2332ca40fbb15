"""workers.dashboard and workers.counted: what they name exists, and what is committed is fresh."""
import json
import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from mta.base.events import Event
from mta.base.metrics import exposition
from tests.workers.queries import complaints
from web.metrics import FAMILIES
from workers.counted import everything, page
from workers.dashboard import COLUMNS, text

ROOT = Path(__file__).resolve().parents[2]


def test_every_panel_is_about_what_is_counted() -> None:
    """Metrics, labels and values of all expressions, and the labels of the legends."""
    panels = [panel for panel in json.loads(text())["panels"] if panel["type"] != "row"]
    assert len(panels) > 20
    for panel in panels:
        assert panel["targets"]
        for target in panel["targets"]:
            expression = target["expr"].replace("$__rate_interval", "5m")
            assert list(complaints(expression)) == [], panel["title"]
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                assert any(label in one.labels for one in everything() if one.name.split("_total")[0] in expression)


def test_panels_do_not_overlap() -> None:
    """Each has its own place within the width, and its own number."""
    panels = json.loads(text())["panels"]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= COLUMNS
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)


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


def test_the_committed_documents_are_fresh() -> None:
    """scripts/documents.py makes them; every metric and event is in metrics.md."""
    assert (ROOT / "docs" / "pillarbox-dashboard.json").read_text() == text()
    assert (ROOT / "docs" / "metrics.md").read_text() == page()
    assert all(f"### `{one.name}`" in page() for one in everything())
    assert all(f"| `{event.key}` |" in page() for event in Event)
