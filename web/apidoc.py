"""The pages /api/ and /api/<application>/: every function with its arguments, its result and what it is good for.

Made from the same tables as the checks and the TypeScript client, so they are always
right.  They are made when the web role starts; what cannot be described stops it, and the
message says which application and function it is.
"""
import html
import re
from collections.abc import Iterable, Mapping

import msgspec

from mta.base.errors import SetupError
from web.rpc import OUTCOMES, Api, Function
from web.typescript import Writer

HEAD = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/static/style.css"></head>
<body class="doc"><main>
<h1>{title}</h1>
"""
FOOT = "</main></body></html>\n"
INTRODUCTION = """\
<p>Every function is called with <code>POST /api/&lt;application&gt;/&lt;function&gt;</code> and a JSON object of its arguments
(<code>Content-Type: application/json</code>). The answer is <code>{"result": …}</code>, or
<code>{"error": {"code", "message", "place"}}</code>: codes that begin with <code>user:</code> are the caller's doing, those that
begin with <code>server:</code> are ours. Functions marked <em>open</em> need no session; all others need the cookie that
<code>login</code> sets and, in the header <code>X-Pillarbox-Csrf</code>, the token that <code>state</code> and <code>login</code>
answer. Times are seconds since 1970 UTC, sizes are octets.</p>
"""
NAME = re.compile(r"[A-Z][A-Za-z]+")


def pages(apis: Iterable[Api]) -> Mapping[str, str]:
    """The documents by path: "/api/" leads to those of the applications.  SetupError names the one that cannot be made."""
    apis = list(apis)
    found = {"/api/": _index(apis)}
    for api in apis:
        try:
            found[f"/api/{api.name}/"] = page(api, apis)
        except Exception as problem:
            raise SetupError(f"the documentation of the API {api.name!r} cannot be built: {problem}") from problem
    return found


def page(api: Api, apis: Iterable[Api] = ()) -> str:
    """The document of one application, with links to the others; TypeError names a function that cannot be described."""
    writer, functions = Writer(), []
    for function in api.functions.values():
        try:
            functions.append(_function(api, function, writer))
        except Exception as problem:
            raise TypeError(f"function {function.name}: {problem}") from problem
    known = set(writer.interfaces)
    types = "\n".join(
        f'<h3 id="type-{name}">{name}</h3><pre>{_linked(text, known - {name})}</pre>' for name, text in writer.interfaces.items())
    contents = " · ".join(f'<a href="#{name}"><code>{name}</code></a>' for name in api.functions)
    return "\n".join([
        _head(f"Pillarbox API: {api.title}"), _others(apis), f"<nav>{contents} · <a href=\"#types\">Types</a></nav>",
        *(_linked_marks(text, known) for text in functions), f'<h2 id="types">Types</h2>\n{types}', FOOT])


def _index(apis: Iterable[Api]) -> str:
    lines = [f'<li><a href="/api/{api.name}/">{html.escape(api.title)}</a>: {len(api.functions)} functions</li>' for api in apis]
    codes = "".join(
        f"<tr><td><code>{code}</code></td><td>{status}</td><td>{html.escape(' '.join((kind.__doc__ or '').split()))}</td></tr>"
        for kind, status, code in OUTCOMES)
    return "\n".join([
        _head("Pillarbox API"), INTRODUCTION, "<ul>", *lines, "</ul>", "<h2>Codes of errors</h2>",
        f"<table><tr><th>code</th><th>HTTP status</th><th>meaning</th></tr>{codes}"
        "<tr><td><code>user:badArgument</code></td><td>400</td><td>An argument is missing, unknown or of another type; "
        "place says which.</td></tr>"
        "<tr><td><code>server:error</code></td><td>500</td><td>A mistake of ours; the administrator finds it in the log.</td></tr></table>",
        FOOT])


def _head(title: str) -> str:
    return HEAD.format(title=html.escape(title))


def _others(apis: Iterable[Api]) -> str:
    links = " · ".join(f'<a href="/api/{api.name}/">{html.escape(api.title)}</a>' for api in apis)
    return f'<nav><a href="/api/">How to call</a> · {links}</nav>'


def _function(api: Api, function: Function, writer: Writer) -> str:
    fields = msgspec.structs.fields(function.arguments)
    arguments = ", ".join(f"{field.name}{'' if field.required else '?'}: {writer.text(field.type)}" for field in fields)
    result = "void" if function.result is type(None) else writer.text(function.result)
    words = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in function.doc.split("\n\n"))
    mark = " <em>open</em>" if function.open else ""
    return (f'<h3 id="{function.name}"><code>{api.name}/{function.name}</code>{mark}</h3>'
            f"<pre>\x01{html.escape(f'({arguments}) → {result}', quote=False)}\x02</pre>{words}")


def _linked_marks(section: str, known: set[str]) -> str:
    """Links within the signatures, which stand between \\x01 and \\x02."""
    return re.sub("\x01(.*?)\x02", lambda found: _links(found[1], known), section)


def _linked(text: str, known: set[str]) -> str:
    return _links(html.escape(text, quote=False), known)


def _links(text: str, known: set[str]) -> str:
    return NAME.sub(lambda name: f'<a href="#type-{name[0]}">{name[0]}</a>' if name[0] in known else name[0], text)
