"""A meter for tests: keeps what is measured, and insists on labels that are on the page."""
from mta.base.events import Record
from mta.base.measures import Measure


class Measured:
    """Give it to Journal.add_meter."""

    def __init__(self) -> None:
        self.samples: list[tuple[Measure, float, tuple[str, ...]]] = []

    def __call__(self, record: Record) -> None:
        """Events are not its business."""

    def measure(self, measure: Measure, value: float, labels: tuple[str, ...]) -> None:
        """Keep it."""
        assert measure.fitting(labels) == labels, f"{measure.title} has no {labels}"
        self.samples.append((measure, value, labels))

    def labels(self, measure: Measure) -> list[tuple[str, ...]]:
        """The labels of all samples of measure, in order."""
        return [labels for found, _, labels in self.samples if found is measure]
