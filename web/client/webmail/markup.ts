// HTML on its way into the editor and out of it.  The server cleans again what comes; this keeps the page itself clean.

const KEPT = new Set(["A", "B", "BLOCKQUOTE", "BR", "CODE", "DIV", "EM", "H1", "H2", "H3", "HR", "I", "LI", "OL", "P", "PRE", "S", "STRONG", "U", "UL"]);
const GONE = new Set(["SCRIPT", "STYLE", "HEAD", "TITLE", "META", "LINK", "IFRAME", "OBJECT", "SVG", "MATH", "TEMPLATE", "NOSCRIPT", "IMG", "INPUT", "TEXTAREA", "SELECT", "BUTTON"]);
const BLOCKS = new Set(["SECTION", "ARTICLE", "HEADER", "FOOTER", "MAIN", "TR", "H4", "H5", "H6", "DT", "DD", "TABLE"]);

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** What may be pasted: structure without styles, pictures or anything that loads. */
export function clean(html: string): Node[] {
  // Styles are only looked at, handlers not even that; under their own names the page's policy would report each.
  const renamed = html.replace(/<[^>]*>/g, (tag) => tag.replace(/[\s/](style|on[a-z]+)(\s*=)/gi, " data-$1$2"));
  const from = new DOMParser().parseFromString(renamed, "text/html");
  const to = document.createElement("div");
  copy(from.body, to, 0);
  return [...to.childNodes];
}

/** HTML of a draft as the editor shows it: pictures of the message from where they are, and no other. */
export function shown(html: string, address: (contentId: string) => string | null): string {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const image of page.body.querySelectorAll("img")) {
    const source = image.getAttribute("src") ?? "";
    const id = source.startsWith("cid:") ? source.slice(4) : "";
    const place = id ? address(id) : null;
    if (place) {
      image.src = place;
      image.setAttribute("data-cid", id);
    } else image.replaceWith(image.alt);
  }
  return page.body.innerHTML;
}

/** What the editor holds, as the server wants it: pictures by their names. */
export function forServer(page: HTMLElement): string {
  if (!page.innerText.trim() && !page.querySelector("img, hr")) return "<div><br></div>";
  // In a document that is not shown, or the browser would try to load what only the message has.
  const copied = document.implementation.createHTMLDocument("").importNode(page, true);
  for (const image of copied.querySelectorAll("img")) {
    const id = image.getAttribute("data-cid");
    if (id) image.setAttribute("src", `cid:${id}`);
    else image.replaceWith(image.alt);
  }
  // Who reads it elsewhere sees each line from the side where its language begins.
  for (const block of copied.querySelectorAll("p, div, li, blockquote, td, th, h1, h2, h3")) if (RIGHT_TO_LEFT.test(block.textContent ?? "")) block.setAttribute("dir", "auto");
  for (const image of copied.querySelectorAll("[data-cid]")) image.removeAttribute("data-cid");
  return copied.innerHTML;
}

/** Elements within one another: what is deeper is taken as text. */
const DEEPEST = 40;

function copy(from: Node, to: HTMLElement, depth: number): void {
  for (const node of from.childNodes) {
    if (node instanceof Text) to.append(node.data);
    else if (node instanceof Element && !GONE.has(node.tagName.toUpperCase())) {
      const name = node.tagName.toUpperCase();
      if (depth >= DEEPEST) {
        to.append(node.textContent ?? "");
        continue;
      }
      const style = node.getAttribute("data-style") ?? "";
      const tag = KEPT.has(name) ? name : BLOCKS.has(name) ? "DIV" : /font-weight:\s*(bold|[6-9]00)/.test(style) ? "B" : /font-style:\s*italic/.test(style) ? "I" : null;
      // Some programs wrap all they copy in a <b> that is none.
      const made = tag && !(name === "B" && /font-weight:\s*normal/.test(style)) ? document.createElement(tag) : null;
      if (made instanceof HTMLAnchorElement) {
        const target = node.getAttribute("href") ?? "";
        if (/^(https?|mailto|tel):/i.test(target.trim())) made.setAttribute("href", target.trim());
      }
      if (made) to.append(made);
      copy(node, made ?? to, depth + 1);
    }
  }
}
