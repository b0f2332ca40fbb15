// What people type into mail programs: the same for the account's page and the administrator's.
import type { ProgramService, ProgramSettings } from "./api";
import { h, type Child } from "./dom";
import { copyable, table } from "./table";

const PURPOSE: Record<ProgramService["protocol"], string> = { imap: "Reading (IMAP)", smtp: "Sending (SMTP)" };
const SECURITY: Record<ProgramService["tls"], string> = { implicit: "SSL/TLS", starttls: "STARTTLS" };

/** The values with buttons to copy them; `user` is what stands for the user name. */
export function typed(settings: ProgramSettings, user: Child): HTMLElement {
  const seen = new Set<string>();
  const rows = settings.services.map((one): Child[] => {
    const first = !seen.has(one.protocol);
    seen.add(one.protocol);
    return [h("span", null, PURPOSE[one.protocol], !first && h("small", null, "if the other one does not work")), copyable(one.host), copyable(String(one.port)), SECURITY[one.tls]];
  });
  return h("div", { class: "typed" },
    h("dl", null, h("dt", null, "User name"), h("dd", null, user), h("dt", null, "Password"), h("dd", null, "an app password, or that of the account"),
      h("dt", null, "Sign-in method"), h("dd", null, "normal password (or SCRAM-SHA-256, if the program knows it)")),
    table(["For", "Server", "Port", "Security"], rows, "No listener takes mail from programs of the outside."));
}

/** Without IMAP: what there is instead. */
export function reading(settings: ProgramSettings): Child {
  if (settings.imap) return null;
  return h("p", { class: "hint" }, "Mail is read in the webmail", settings.webmail && ": ", settings.webmail && h("a", { href: settings.webmail }, settings.webmail),
    ". This server does not offer IMAP, so mail programs, scanners and scripts can send here, but not read. Thunderbird finds nothing by itself then: add the server below as an outgoing server in its account settings.");
}
