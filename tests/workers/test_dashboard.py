"""workers.dashboard: what its panels name exists, and what is committed is fresh."""
import json
import re
from pathlib import Path

from tests.workers.queries import complaints
from workers.counted import everything
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


def test_the_committed_file_is_fresh() -> None:
    """scripts/documents.py makes it."""
    assert (ROOT / "docs" / "pillarbox-dashboard.json").read_text() == text()
