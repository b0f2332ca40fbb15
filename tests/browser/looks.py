"""What axe-core finds wrong with a page, and pictures of it where somebody wants to look."""
import os
from pathlib import Path

from playwright.sync_api import Page

from tests.clientpackages import axe_script

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def faults(page: Page) -> list[str]:
    """What is wrong for who cannot see, or not use a mouse."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(axe_script())
    # The edges between panes belong to both beside them; landmarks of their own would be noise.
    found = page.evaluate("rules => axe.run({exclude: ['.edge']}, {runOnly: rules, resultTypes: ['violations']})", RULES)
    return [f"{one['id']}: {node['html'][:200]} {node['failureSummary'][:300]}" for one in found["violations"] for node in one["nodes"]]


def picture(page: Page, name: str) -> None:
    """Write a picture into the folder that PILLARBOX_PICTURES names, if it does."""
    folder = os.environ.get("PILLARBOX_PICTURES")
    if folder and page.viewport_size is not None:
        dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        page.screenshot(path=str(Path(folder) / f"{name}-{page.viewport_size['width']}-{'dark' if dark else 'light'}.png"))
