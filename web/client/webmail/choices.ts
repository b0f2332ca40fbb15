// What the account chose about writing; kept by the server, so that it holds on every device.
import { webmail, type WritingChoices } from "../api";
import { attempt, dialog, field, h, notice } from "../dom";
import { s } from "../words/shared";
import { w } from "../words/writing";

let known: WritingChoices | null = null;

/** The choices; asked for once. */
export async function choices(): Promise<WritingChoices> {
  return known ??= await webmail.writing();
}

/** Another account signs in. */
export function forgetChoices(): void {
  known = null;
}

/** Ask for them. */
export async function choose(): Promise<void> {
  const now = await choices();
  const c = w.chosen;
  const box = (checked: boolean): HTMLInputElement => h("input", { type: "checkbox", checked });
  const undo = h("input", { type: "number", min: "0", max: "120", value: String(now.undo_seconds), required: true });
  const html = box(now.write_html), attachment = box(now.warn_attachment), external = box(now.warn_external), collect = box(now.collect_contacts);
  await dialog<void>(c.title, (close) => [h("form", {
    onsubmit: (event: Event) => {
      event.preventDefault();
      void attempt(async () => {
        known = await webmail.writing_change({ chosen: {
          undo_seconds: undo.valueAsNumber, write_html: html.checked, warn_attachment: attachment.checked, warn_external: external.checked, collect_contacts: collect.checked,
        } });
        notice(c.saved);
        close(null);
      });
    },
  },
    field(c.undo, undo, c.undoHint),
    field(c.html, html),
    field(c.attachment, attachment),
    field(c.external, external),
    field(c.collect, collect),
    h("p", null, h("button", { type: "button", class: "link", onclick: handler }, c.mailto)),
    h("footer", null, h("button", { class: "button primary" }, s.save)))]);
}

/** The browser asks whether it should; what it was told cannot be found out. */
function handler(): void {
  try {
    navigator.registerProtocolHandler("mailto", `${location.origin}/webmail/?mailto=%s`);
    notice(w.chosen.asking);
  } catch {
    notice(w.chosen.cannot, "error");
  }
}
