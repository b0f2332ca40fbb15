"""The page /api/: every function with its arguments, its result and what it is good for.

Made from the same tables as the checks and the TypeScript client, so it is always right.
"""
import html
import re
from collections.abc import Iterable

import msgspec

from web.rpc import Api, Function
from web.typescript import Writer

HEAD = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pillarbox API</title><link rel="stylesheet" href="/static/style.css"></head>
<body class="doc"><main>
<h1>Pillarbox API</h1>
<p>Every function is called with <code>POST /api/&lt;application&gt;/&lt;function&gt;</code> and a JSON object of its arguments
(<code>Content-Type: application/json</code>). The answer is <code>{"result": …}</code>, or
<code>{"error": {"code", "message", "place"}}</code>: codes that begin with <code>user:</code> are the caller's doing, those that
begin with <code>server:</code> are ours. Functions marked <em>open</em> need no session; all others need the cookie that
<code>login</code> sets and, in the header <code>X-Pillarbox-Csrf</code>, the token that <code>state</code> and <code>login</code>
answer. Times are seconds since 1970 UTC, sizes are octets.</p>
"""
NAME = re.compile(r"[A-Z][A-Za-z]+")


def page(apis: Iterable[Api]) -> str:
    """The whole document."""
    apis, writer = list(apis), Writer()
    sections = [_section(api, writer) for api in apis]
    contents = " · ".join(f'<a href="#{api.name}">{html.escape(api.title)}</a>' for api in apis)
    known = set(writer.interfaces)
    types = "\n".join(
        f'<h3 id="type-{name}">{name}</h3><pre>{_linked(text, known - {name})}</pre>' for name, text in writer.interfaces.items())
    return "\n".join([
        HEAD, f"<nav>{contents} · <a href=\"#types\">Types</a></nav>", *(_linked_marks(section, known) for section in sections),
        f'<h2 id="types">Types</h2>\n{types}', "</main></body></html>\n"])


def _section(api: Api, writer: Writer) -> str:
    functions = "\n".join(_function(api, function, writer) for function in api.functions.values())
    return f'<h2 id="{api.name}">{html.escape(api.title)}</h2>\n{functions}'


def _function(api: Api, function: Function, writer: Writer) -> str:
    fields = msgspec.structs.fields(function.arguments)
    arguments = ", ".join(f"{field.name}{'' if field.required else '?'}: {writer.text(field.type)}" for field in fields)
    result = "void" if function.result is type(None) else writer.text(function.result)
    words = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in function.doc.split("\n\n"))
    mark = " <em>open</em>" if function.open else ""
    return (f'<h3 id="{api.name}-{function.name}"><code>{api.name}/{function.name}</code>{mark}</h3>'
            f"<pre>\x01{html.escape(f'({arguments}) → {result}', quote=False)}\x02</pre>{words}")


def _linked_marks(section: str, known: set[str]) -> str:
    """Links within the signatures, which stand between \\x01 and \\x02."""
    return re.sub("\x01(.*?)\x02", lambda found: _links(found[1], known), section)


def _linked(text: str, known: set[str]) -> str:
    return _links(html.escape(text, quote=False), known)


def _links(text: str, known: set[str]) -> str:
    return NAME.sub(lambda name: f'<a href="#type-{name[0]}">{name[0]}</a>' if name[0] in known else name[0], text)
