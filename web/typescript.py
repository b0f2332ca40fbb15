"""Make `web/client/api.ts` from the tables of functions: `python -m web.typescript`.

What is made is committed; a test proves that it is fresh.  Structs become interfaces,
tagged ones carry their tag as `type`, arguments with a default are optional.
"""
import inspect
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from web.api.webmail import Changes, Reset, SignedOut, Uploaded
from web.registry import APIS
from web.rpc import Api, Error, Function

TARGET = Path(__file__).parent / "client" / "api.ts"
#: Types that no function returns, but event streams and uploads do.
OTHERS = (Error, Changes, Reset, SignedOut, Uploaded)
#: The same as checks of what comes in.
CHECKS: dict[Any, str] = {int: "num", float: "num", str: "str", bool: "bool", type(None): "nil", bytes: "str"}
PLAIN: dict[Any, str] = {int: "number", float: "number", str: "string", bool: "boolean", type(None): "null", bytes: "string"}

PROLOGUE = """\
// Made from the server's functions by `python -m web.typescript`.  Do not edit.
import { s } from "./words/shared";

/** What a call that did not succeed is rejected with. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly place: string) {
    super(message);
  }
}

const tokens: Record<string, string> = {};

/** Accounts and webmail share one session, the administration has its own. */
function realm(app: string): string {
  return app === "admin" ? "admin" : "account";
}

/** Whether a value from outside is what it should be; throws what is not. */
type Examine = (value: unknown, at: string) => void;

function wrong(at: string): never {
  throw new ApiError(0, "server:unexpected", s.notUnderstood(at), "");
}

const kind = (name: string): Examine => (value, at) => { if (typeof value !== name) wrong(at); };
const num = kind("number"), str = kind("string"), bool = kind("boolean");
const nil: Examine = (value, at) => { if (value !== null) wrong(at); };
const nothing: Examine = () => undefined;

function one(...known: unknown[]): Examine {
  return (value, at) => { if (!known.includes(value)) wrong(at); };
}

function list(item: Examine): Examine {
  return (value, at) => Array.isArray(value) ? value.forEach((each) => item(each, at)) : wrong(at);
}

function table(item: Examine): Examine {
  return (value, at) => value && typeof value === "object" ? Object.values(value).forEach((each) => item(each, at)) : wrong(at);
}

function either(...checks: Examine[]): Examine {
  return (value, at) => {
    for (const check of checks) {
      try {
        return check(value, at);
      } catch {
        // Perhaps it is the next.
      }
    }
    wrong(at);
  };
}

function struct(name: string, fields: () => Record<string, Examine>): Examine {
  let known: [string, Examine][] | undefined;
  return (value, at) => {
    if (!value || typeof value !== "object") wrong(`${at}: ${name}`);
    for (const [field, check] of known ??= Object.entries(fields())) check((value as Record<string, unknown>)[field], `${name}.${field}`);
  };
}

/** One of several structs, told apart by their tags. */
function tagged(checks: () => Record<string, Examine>): Examine {
  let known: Record<string, Examine> | undefined;
  return (value, at) => {
    const check = (known ??= checks())[String((value as { type?: unknown } | null)?.type)];
    if (check) check(value, at);
    else wrong(at);
  };
}

function outcome<T>(app: string, status: number, text: string, check: Examine): T {
  let answer: { result?: T & { csrf?: unknown }; error?: ErrorFacts };
  try {
    answer = JSON.parse(text);
  } catch {
    throw new ApiError(status, "server:unreachable", s.improper, "");
  }
  if (answer.error) $ErrorFacts(answer.error, app);
  if (answer.error) throw new ApiError(status, answer.error.code, answer.error.message, answer.error.place);
  const result = answer.result as T & { csrf?: unknown };
  check(result, app);
  if (result && typeof result === "object" && typeof result.csrf === "string") tokens[realm(app)] = result.csrf;
  return result;
}

/** Functions that may be called twice: they only read, or doing it again changes nothing. */
const AGAIN = new Set([
  "state", "page", "sorted_page", "conversations", "search", "summaries", "thread", "message", "headers", "mailboxes", "labels",
  "flags", "move", "archive", "blocked", "leaving", "invitation", "display_choices", "display_keep"]);
const PAUSES = [400, 1200];

/** Call a function of the server; over a bad line again, where that does no harm.  Rejects with ApiError. */
export async function call<T>(app: string, name: string, args: object, signal: AbortSignal | undefined, check: Examine): Promise<T> {
  for (const pause of AGAIN.has(name) ? PAUSES : []) {
    try {
      return await once<T>(app, name, args, signal, check);
    } catch (problem) {
      if (!(problem instanceof ApiError) || problem.code !== "server:unreachable" || problem.status !== 0) throw problem;
    }
    await new Promise((done) => setTimeout(done, pause));
    signal?.throwIfAborted();
  }
  return once<T>(app, name, args, signal, check);
}

async function once<T>(app: string, name: string, args: object, signal: AbortSignal | undefined, check: Examine): Promise<T> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`/api/${app}/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Pillarbox-Csrf": tokens[realm(app)] ?? "" },
      body: JSON.stringify(args),
      credentials: "same-origin",
      signal,
    });
    text = await response.text();
  } catch (problem) {
    if (signal?.aborted) throw problem;
    throw new ApiError(0, "server:unreachable", s.unreachable, "");
  }
  return outcome<T>(app, response.status, text, check);
}

/** Told how much was sent: 0 to 1. */
export type Uploading = (part: number) => void;

/** Send a file ahead, to be named in Draft.attachments; `progress` gets 0 to 1. */
export function upload(file: File, progress?: Uploading, signal?: AbortSignal): Promise<Uploaded> {
  return post<Uploaded>("webmail", `/webmail/upload?name=${encodeURIComponent(file.name)}`, file, $Uploaded, progress, signal);
}

/** Send a piece of the file of an import, which begins at offset. */
export function importPiece(id: number, offset: number, piece: Blob, signal?: AbortSignal): Promise<Import> {
  return post<Import>("account", `/account/import?id=${id}&offset=${offset}`, piece, $Import, undefined, signal);
}

function post<T>(app: string, address: string, body: Blob, check: Examine, progress?: Uploading, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Content-Type", body.type || "application/octet-stream");
    request.setRequestHeader("X-Pillarbox-Csrf", tokens[realm(app)] ?? "");
    request.upload.onprogress = (event) => event.lengthComputable && progress?.(event.loaded / event.total);
    request.onerror = () => reject(new ApiError(0, "server:unreachable", s.unreachable, ""));
    request.onabort = () => reject(new DOMException(s.uploadStopped, "AbortError"));
    request.onload = () => {
      try {
        resolve(outcome<T>(app, request.status, request.responseText, check));
      } catch (problem) {
        reject(problem);
      }
    };
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

/** What `events` tells. */
export interface EventHandlers {
  changes(event: Changes): void;
  reset(event: Reset): void;
  signedOut(event: SignedOut): void;
  /** true when the stream is open, false while the browser tries to open it again. */
  connected?(open: boolean): void;
}

/** Milliseconds after which a stream that was refused is tried again. */
const STREAM_PAUSE = 5_000;

/** Follow what happens in the account from `modseq` on (State.modseq, Page.modseq); what is cut off goes on where it was. */
export function events(modseq: number, handlers: EventHandlers): { close(): void } {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = <T>(event: Event, check: Examine): T => {
    const told: unknown = JSON.parse((event as MessageEvent<string>).data);
    check(told, event.type);
    return told as T;
  };
  const heard = <T extends { modseq: number }>(told: T): T => {
    modseq = told.modseq;
    return told;
  };
  const begin = (): void => {
    source = new EventSource(`/webmail/events?since=${modseq}`);
    source.addEventListener("changes", (event) => handlers.changes(heard(read<Changes>(event, $Changes))));
    source.addEventListener("reset", (event) => handlers.reset(heard(read<Reset>(event, $Reset))));
    source.addEventListener("signed_out", (event) => {
      source.close();
      handlers.signedOut(read(event, $SignedOut));
    });
    source.onopen = () => handlers.connected?.(true);
    source.onerror = () => {
      handlers.connected?.(false);
      // After an answer that is no stream (a proxy's 502 while we start) a browser does not try again.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(begin, STREAM_PAUSE);
    };
  };
  begin();
  return { close: () => { clearTimeout(timer); source.close(); } };
}
"""


EPILOGUE = """\
/** One entry of an event "changes". */
export type Change = Changes["changes"][number];

/** What a mailbox may be for. */
export type Role = NonNullable<Mailbox["role"]>;
"""


class Writer:
    """Collects the interfaces that the functions mention, each once, in the order they come up."""

    def __init__(self) -> None:
        self.interfaces: dict[str, str] = {}
        self._kinds: dict[str, type[msgspec.Struct]] = {}    # whose name each is

    def text(self, kind: Any) -> str:
        """The TypeScript for an annotation; TypeError for one that has none, or whose name another struct has."""
        if kind in PLAIN:
            return PLAIN[kind]
        origin, inner = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self.text(inner[0])
        if origin in (Union, types.UnionType):
            return " | ".join(self.text(one) for one in inner)
        if origin is Literal:
            return " | ".join(f'"{one}"' for one in inner)
        if origin in (list, tuple):
            item = self.text(inner[0])
            return f"({item})[]" if " | " in item else f"{item}[]"
        if origin is dict:
            return f"Record<{self.text(inner[0])}, {self.text(inner[1])}>"
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self._interface(kind)
        raise TypeError(f"no TypeScript for {kind!r}")

    def check(self, kind: Any) -> str:
        """The expression that checks a value that comes in; TypeError as in text()."""
        if kind in CHECKS:
            return CHECKS[kind]
        origin, inner = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self.check(inner[0])
        if origin in (Union, types.UnionType):
            tags = [_tag(one) for one in inner]
            if all(tags):
                return f"tagged(() => ({{ {', '.join(f'{tag}: {self.check(one)}' for tag, one in zip(tags, inner, strict=True))} }}))"
            return f"either({', '.join(self.check(one) for one in inner)})"
        if origin is Literal:
            return "one({})".format(", ".join(f'"{one}"' for one in inner))
        if origin in (list, tuple):
            return f"list({self.check(inner[0])})"
        if origin is dict:
            return f"table({self.check(inner[1])})"
        self.text(kind)
        return f"${_named(kind)}"

    def _interface(self, kind: type[msgspec.Struct]) -> str:
        name = _named(kind)
        known = self._kinds.setdefault(name, kind)
        if known is not kind:
            raise TypeError(f"two structs would be {name} in TypeScript: {known.__module__}.{known.__qualname__} and "
                            f"{kind.__module__}.{kind.__qualname__}; rename one of them")
        if name not in self.interfaces:
            self.interfaces[name] = ""      # holds its place, and ends recursion
            config = kind.__struct_config__
            tag = [f'  {config.tag_field}: "{config.tag}";'] if config.tag is not None else []
            fields = [f"  {field.encode_name}: {self.text(field.type)};" for field in msgspec.structs.fields(kind)]
            told = ", ".join(f'"{field.encode_name}": {self.check(field.type)}' for field in msgspec.structs.fields(kind))
            self.interfaces[name] = "\n".join([
                *comment(inspect.getdoc(kind) or ""), f"export interface {name} {{", *tag, *fields, "}",
                f'const ${name} = /* @__PURE__ */ struct("{name}", () => ({{ {told} }}));'])
        return name

    def call(self, api: Api, function: Function) -> list[str]:
        """The lines of one function within its application's object."""
        fields = msgspec.structs.fields(function.arguments)
        given = "; ".join(f"{field.name}{'' if field.required else '?'}: {self.text(field.type)}" for field in fields)
        optional = " = {}" if all(not field.required for field in fields) else ""
        result = "void" if function.result is type(None) else self.text(function.result)
        head = f"args: {{ {given} }}{optional}, " if fields else ""
        return [
            *(f"  {line}" for line in comment(function.doc)),
            f"  {function.name}: ({head}signal?: AbortSignal): Promise<{result}> =>",
            f'    call("{api.name}", "{function.name}", {"args" if fields else "{}"}, signal, '
            f'{"nothing" if result == "void" else self.check(function.result)}),',
        ]


def _named(kind: type[msgspec.Struct]) -> str:
    """What a struct is called in TypeScript."""
    return "ErrorFacts" if kind is Error else kind.__name__


def _tag(kind: Any) -> object:
    """The tag of a struct that has one."""
    return kind.__struct_config__.tag if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


def comment(doc: str) -> list[str]:
    """The lines of a TypeScript comment."""
    lines = doc.replace("*/", "*\u200b/").split("\n")
    if len(lines) == 1:
        return [f"/** {lines[0]} */"]
    return ["/**", *(f" * {line}".rstrip() for line in lines), " */"]


def generate(apis: Iterable[Api] = tuple(APIS.values())) -> str:
    """The whole text of api.ts."""
    writer = Writer()
    for kind in OTHERS:
        writer.text(kind)
    objects: list[str] = []
    for api in apis:
        lines = [f"/** {api.title}. */", f"export const {api.name} = {{"]
        for function in api.functions.values():
            lines += writer.call(api, function)
        objects.append("\n".join([*lines, "};"]))
    return "\n\n".join([PROLOGUE.rstrip(), *writer.interfaces.values(), EPILOGUE.rstrip(), *objects]) + "\n"


def main() -> None:
    """Write the file."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(generate())


if __name__ == "__main__":
    main()
