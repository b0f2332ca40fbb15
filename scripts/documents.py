#!/usr/bin/env python3
"""Make the documents that come from tables of the program: `scripts/documents.py [--check]`.

--check says whether those in docs/ are fresh, and exits with 1 if one is not.
"""
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from workers import alerts, counted, dashboard, manual  # noqa: E402  the path comes first

DOCUMENTS = {
    "metrics.md": counted.page, "pillarbox.rules": alerts.text, "pillarbox-dashboard.json": dashboard.text, "pillarbox.1": manual.page}


def main() -> int:
    """Write or check all of them; the exit status."""
    stale = []
    for name, make in DOCUMENTS.items():
        path, text = ROOT / "docs" / name, make()
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--check" not in sys.argv[1:]:
                path.write_text(text)
    if stale and "--check" in sys.argv[1:]:
        print(f"stale: {', '.join(stale)}; run scripts/documents.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
