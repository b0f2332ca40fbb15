"""workers.manual: the page is that of the table, and man can show it."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from workers.manual import page
from workers.verbs import GROUPS, VERBS
from workers.words import shown

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_page_is_fresh() -> None:
    """scripts/documents.py makes it."""
    assert (ROOT / "docs" / "pillarbox.1").read_text() == page()


@pytest.mark.skipif(shutil.which("man") is None and not os.environ.get("CI"), reason="no man here")
def test_man_shows_it() -> None:
    """Without a warning of troff; every verb, argument, and example can be read and copied."""
    done = subprocess.run(
        ["man", "--warnings", "--local-file", str(ROOT / "docs" / "pillarbox.1")], capture_output=True, text=True, check=False, timeout=60,
        env={"PATH": "/usr/bin:/bin", "MANWIDTH": "1000", "LC_ALL": "C.UTF-8", "MANROFFOPT": "", "MAN_KEEP_FORMATTING": ""})
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.replace("\u2010", "-").split())
    for verb in VERBS:
        assert f"pillarbox {verb.words}" in text
        for example in verb.examples:
            assert " ".join(example.split()) in text
        for argument in verb.takes:
            assert shown(argument) in text
        for line in verb.more.splitlines():
            assert " ".join(line.split()) in text
    assert all(f"{group} {help}" in text for group, help in GROUPS.items())
