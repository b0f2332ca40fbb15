// Plain text as HTML that says the same: paragraphs, quotations, links.  Pure: no page is needed.

const LINK = /\b(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]}'])/g;

/** The characters of text as HTML has them. */
export function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** Text as HTML: a line is a div, what was quoted with > is a quotation. */
export function htmlOf(text: string): string {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
  let html = "", depth = 0;
  for (const whole of lines) {
    const [, marks = "", rest = ""] = /^((?:> ?)*)(.*)$/.exec(whole) ?? [];
    // "> " quotes; "-> x" and ">=" do not come here, a lone ">" in the middle of a line does not either.
    const wanted = (marks.match(/>/g) ?? []).length;
    while (depth < wanted) { html += "<blockquote>"; depth += 1; }
    while (depth > wanted) { html += "</blockquote>"; depth -= 1; }
    html += rest.trim() === "" ? "<div><br></div>" : `<div>${spaces(linked(rest))}</div>`;
  }
  return html + "</blockquote>".repeat(depth);
}

function linked(text: string): string {
  let html = "", at = 0;
  for (const found of text.matchAll(LINK)) {
    html += escaped(text.slice(at, found.index));
    html += `<a href="${escaped(found[0])}">${escaped(found[0])}</a>`;
    at = found.index + found[0].length;
  }
  return html + escaped(text.slice(at));
}

/** Spaces that would be lost stay. */
function spaces(html: string): string {
  return html.replace(/^ +| {2,}/g, (run) => "\u00a0".repeat(run.length - 1) + (run.length > 1 ? " " : "\u00a0"));
}
