// What a link to an address asks for (mailto:, RFC 6068).  Pure: no page is needed.
//
// Whoever made the link is a stranger: only what a person sees and can change before it is
// sent is taken; a link cannot attach a file or write as somebody else.

export interface Wish {
  to: string;
  cc: string;
  bcc: string;
  subject: string;
  text: string;
}

/** Characters of a field, and of a text. */
const FIELD = 10_000, TEXT = 100_000;

/** What the link asks for, or null if it is none. */
export function wish(link: string): Wish | null {
  if (!/^mailto:/i.test(link)) return null;
  const rest = link.slice("mailto:".length);
  const mark = rest.indexOf("?");
  const found: Record<string, string[]> = { to: addresses(mark < 0 ? rest : rest.slice(0, mark)) };
  for (const part of (mark < 0 ? "" : rest.slice(mark + 1)).split(/&(?:amp;)?/)) {
    const at = part.indexOf("=");
    if (at < 0) continue;
    const name = decode(part.slice(0, at)).toLowerCase();
    const value = part.slice(at + 1);
    (found[name] ??= []).push(...(["to", "cc", "bcc"].includes(name) ? addresses(value) : [decode(value)]));
  }
  const list = (name: string): string => (found[name] ?? []).join(", ").slice(0, FIELD);
  return {
    to: list("to"), cc: list("cc"), bcc: list("bcc"), subject: line(found["subject"]?.[0] ?? "").slice(0, FIELD),
    text: (found["body"] ?? []).join("\n").replace(/\r\n?/g, "\n").slice(0, TEXT),
  };
}

/** Addresses divided by commas; a comma within one is encoded (RFC 6068 §2). */
function addresses(text: string): string[] {
  return text.split(",").map((one) => line(decode(one)).trim()).filter(Boolean).map((one) => {
    const at = one.lastIndexOf("@");
    const local = one.slice(0, at);
    return at > 0 && /[\s,;:<>()[\]"\\]/.test(local) && !/^".*"$/.test(local) ? `"${local.replace(/(["\\])/g, "\\$1")}"${one.slice(at)}` : one;
  });
}

function line(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ");
}

/** Not every link is encoded rightly; what is not stands as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
