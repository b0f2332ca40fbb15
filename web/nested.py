"""A message within a message as a document for a sandboxed frame: its header for people, and what it says."""
from collections.abc import Sequence
from html import escape

HEAD = '<table style="margin-bottom:12px;border-bottom:1px solid #ccc;width:100%">{rows}</table>'
ROW = '<tr><th style="text-align:left;vertical-align:top;padding:2px 12px 2px 0;width:1%">{name}</th><td dir="auto">{value}</td></tr>'


def document(fields: Sequence[tuple[str, str]], body: str) -> str:
    """The fields, and below them the body, which is HTML that may be shown."""
    return HEAD.format(rows="".join(ROW.format(name=escape(name), value=escape(value)) for name, value in fields)) + body
