// What a message says: as text, or as its HTML in a frame that may do nothing; with what is elsewhere on request.
import { webmail, type Message } from "../api";
import { attempt, fill, h } from "../dom";
import { t } from "../words/reading";
import type { Display } from "./display";
import { links } from "./links";

/** Fill `body` with what a message says. */
export function drawBody(message: Message, body: HTMLElement, display: Display, html = display.choices.html): void {
  const formatted = html && message.html_url !== "";
  const choose = (wanted: boolean): void => {
    display.change({ html: wanted });
    drawBody(message, body, display, wanted);
  };
  const both = message.html_url !== "" && h("div", { class: "toggle", role: "group", "aria-label": t.form },
    ...([[false, t.asText, "t"], [true, t.asHtml, "T"]] as const).map(([wanted, label, key]) => h("button", {
      type: "button", class: "switch", "aria-pressed": String(formatted === wanted), "data-key": key, onclick: () => choose(wanted),
    }, label)));
  if (!formatted) {
    fill(body, both, h("pre", { class: "text" }, ...links(message.text)),
      message.cut && h("p", { class: "hint" }, t.cut, " ", h("a", { href: message.download_url }, t.download)));
    return;
  }
  const frame = h("iframe", { title: t.formatted, referrerPolicy: "no-referrer" });
  // The document is its own world: no scripts, no forms, no requests (the server's headers say so as well).
  frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  frame.src = message.outside ? message.outside_url : message.html_url;
  const line = h("p", { class: "outside", role: "status" });
  fill(body, both, line, frame);
  drawOutside(message, line, frame);
}

/** Say what is not loaded, and let the reader load it: now, or always for a proven sender. */
function drawOutside(message: Message, line: HTMLElement, frame: HTMLIFrameElement): void {
  const author = message.origin?.proven ? message.origin.author : "";
  const remember = (allowed: boolean): void => void attempt(async () => {
    await webmail.outside_choose({ sender: author, allowed });
    message.outside = allowed;
    frame.src = allowed ? message.outside_url : message.html_url;
    drawOutside(message, line, frame);
  });
  const link = (label: string, action: () => void): HTMLElement => h("button", { type: "button", class: "link", onclick: action }, label);
  if (message.outside) {
    fill(line, t.loaded, " ", author && link(t.loadNever, () => remember(false)));
    return;
  }
  void webmail.blocked({ id: message.summary.id }).then(({ elsewhere }) => {
    if (!elsewhere || !line.isConnected) return;
    fill(line, t.blocked(elsewhere), " ", link(t.loadOnce, () => {
      frame.src = message.outside_url;
      fill(line, t.loaded);
    }), author && " ", author && link(t.loadAlways(author), () => remember(true)));
  }, () => undefined);
}
