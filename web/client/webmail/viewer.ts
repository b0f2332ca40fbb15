// Attachments: listed, looked at in place one after the other, saved alone or together.
import { type Attachment, type Message } from "../api";
import { button, fill, h, icon, modal, type Child } from "../dom";
import { size } from "../format";
import { shown } from "../shown";
import { t } from "../words/reading";
import { s } from "../words/shared";

const PICTURES = /^image\/(png|jpe?g|gif|webp|bmp|x-icon)$/;
const TEXTS = /^text\/|^application\/(json|xml|x-sh|x-yaml|sql)$/;
const MESSAGES = /^message\/(rfc822|global|news)$/;

/** How an attachment can be looked at here, or not. */
export function manner(kind: string): "picture" | "text" | "pdf" | "message" | null {
  if (PICTURES.test(kind)) return "picture";
  if (kind === "application/pdf") return "pdf";
  if (MESSAGES.test(kind)) return "message";
  return TEXTS.test(kind) ? "text" : null;
}

/** Where the server shows an attachment. */
function place(one: Attachment): string {
  return one.url.replace("/part/", "/show/");
}

/** The list of attachments of a message, null if it has none. */
export function attachments(message: Message): HTMLElement | null {
  const files = message.attachments.filter((one) => !one.inline);
  if (!files.length) return null;
  return h("ul", { class: "attachments", "aria-label": t.attachments },
    ...files.map((one, at) => h("li", null, manner(one.kind) && h("button", {
      type: "button", class: "look", title: `${one.kind}, ${size(one.size)}`, onclick: () => look(files, at),
    }, icon("clip"), h("span", { dir: "auto" }, ...shown(one.name || one.kind)), h("small", null, size(one.size))),
    h("a", { href: one.url, download: one.name || "attachment", title: t.saveThis(one.name || one.kind), "aria-label": t.saveThis(one.name || one.kind) },
      icon(manner(one.kind) ? "download" : "clip"), !manner(one.kind) && h("span", { dir: "auto" }, ...shown(one.name || one.kind)), !manner(one.kind) && h("small", null, size(one.size))))),
    files.length > 1 && h("li", null, h("a", { href: `${message.download_url.replace(/raw$/, "")}attachments.zip`, download: "" }, icon("download"), t.saveAll)));
}

/** Look at attachments, beginning with one; arrows go on, Escape ends. */
export function look(files: Attachment[], at: number): void {
  const seen = files.filter((one) => manner(one.kind));
  let now = seen.indexOf(files[at]!);
  if (now < 0) return;
  const title = h("h2", { dir: "auto" });
  const body = h("div", { class: "looked" });
  const save = h("a", { class: "button" }, icon("download"), h("span", null, t.save));
  const box = h("dialog", { class: "viewer", "aria-label": t.attachments });
  const step = (by: number): void => {
    now = (now + by + seen.length) % seen.length;
    const one = seen[now]!;
    fill(title, ...shown(one.name || one.kind), h("small", null, ` ${size(one.size)}${seen.length > 1 ? `, ${t.ofAll(now + 1, seen.length)}` : ""}`));
    save.href = one.url;
    save.download = one.name || "attachment";
    fill(body, picture(one));
  };
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight" || event.key === "l") step(1);
    else if (event.key === "ArrowLeft" || event.key === "h") step(-1);
    else if (event.key === "d") save.click();
  });
  const many = seen.length > 1;
  box.append(h("header", null, title, save, ...(many ? [button("back", t.previous, () => step(-1)), button("onward", t.next, () => step(1))] : []), button("close", s.close, () => end())), body);
  const end = modal(box, () => end());
  step(0);
}

function picture(one: Attachment): Child {
  const how = manner(one.kind);
  if (how === "picture") return h("img", { src: place(one), alt: one.name });
  const frame = h("iframe", { title: one.name || one.kind, referrerPolicy: "no-referrer" });
  // A browser's own PDF viewer does not start within a sandbox of ours; it has one of its own.
  if (how !== "pdf") frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  frame.src = place(one);
  return frame;
}
