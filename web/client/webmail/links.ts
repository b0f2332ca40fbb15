// Web addresses in plain text become links; everything else stays text, with its disguises marked.
import { h, type Child } from "../dom";
import { shown } from "../shown";
import { t } from "../words/reading";

const ADDRESS = /https?:\/\/[^\s<>"')\]]{1,2000}/g;

/** Text with its web addresses as links that tell the other side nothing of us; quoted lines are marked. */
export function links(text: string): Child[] {
  const blocks: { quoted: boolean; lines: string[] }[] = [];
  for (const line of text.split("\n")) {
    const quoted = line.startsWith(">");
    const last = blocks[blocks.length - 1];
    if (last && last.quoted === quoted) last.lines.push(line);
    else blocks.push({ quoted, lines: [line] });
  }
  return blocks.map((block, at) => h("span", block.quoted ? { class: "quoted", dir: "auto" } : null,
    ...linked(block.lines.join("\n") + (at < blocks.length - 1 ? "\n" : ""))));
}

function linked(text: string): Child[] {
  const parts: Child[] = [];
  let at = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const url = found[0].replace(/[.,;:!?]+$/, "");
    parts.push(...shown(text.slice(at, found.index), true), link(url));
    at = found.index + url.length;
  }
  parts.push(...shown(text.slice(at), true));
  return parts;
}

/** What stands before an @ looks like a host and is a name: the host itself is named beside such a link. */
function link(url: string): Child {
  const element = h("a", { href: url, dir: "ltr", target: "_blank", rel: "noopener noreferrer" }, ...shown(url));
  let parts: URL;
  try {
    parts = new URL(url);
  } catch {
    return h("bdi", null, ...shown(url));
  }
  const honest = !parts.username && !parts.hostname.split(".").some((label) => label.startsWith("xn--"));
  return honest ? element : h("span", null, element, h("strong", { class: "elsewhere" }, " ", t.leadsTo(parts.hostname)));
}
