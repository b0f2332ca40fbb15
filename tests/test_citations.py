"""Citations of standards are collected, and their page is fresh."""
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sorted(path for top in ("mta", "web", "workers") for path in (ROOT / top).rglob("*.py"))


def test_the_page_of_standards_is_fresh() -> None:
    """docs/rfcs.md says what the sources say."""
    done = subprocess.run([sys.executable, "scripts/citations.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_citations_have_one_form(path: Path) -> None:
    """"RFC 5321 §4.2", never "section 4.2" or "rfc5321"."""
    text = path.read_text("utf-8")

    assert not re.findall(r"\brfc ?(?!822)\d{3,5}\b", text)
    assert not re.findall(r"RFC \d{3,5},? (?:[Ss]ection|[Ss]ec\.|s\.|ch)", text)
    assert not re.findall(r"RFC\d{3,5}", text)
    for how in re.findall(r"RFC \d{3,5} §[\w.]+, (?:deviate|stricter):\s*(\S*)", text):
        assert how, "a deviation needs its reason"
