"""Debian's Chromium for tests: the small one that has no windows, or all of it where a test needs what a desktop has."""
import os
import shutil
from typing import Final

import pytest
from playwright.sync_api import expect

# On a machine that does much else, what comes may come late.
expect.set_options(timeout=30_000)

#: With everything: notices, apps that are installed, a viewer for PDF.
WHOLE: Final = shutil.which("chromium") or "/usr/bin/chromium"
#: The same engine without windows: starts, and does its work, for a third of the processor time.
SMALL: Final = shutil.which("chromium-headless-shell") or WHOLE
#: Asks nothing of the outside.
QUIET: Final = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
#: Without Chromium its tests are skipped by name, but never where CI promised it.
MISSING: Final = not shutil.which("chromium") and not os.environ.get("CI")
NEEDED: Final = pytest.mark.skipif(MISSING, reason="Debian's chromium is not installed")
