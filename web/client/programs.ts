// What people type into mail programs: the same for the account's page and the administrator's.
import type { ProgramService, ProgramSettings } from "./api";
import { h, type Child } from "./dom";
import { copyable, table } from "./table";
import { programs as t } from "./words/pages";
import { p } from "./words/pages";
import { s } from "./words/shared";

const SECURITY: Record<ProgramService["tls"], string> = { implicit: "SSL/TLS", starttls: "STARTTLS" };

/** The values with buttons to copy them; `user` is what stands for the user name. */
export function typed(settings: ProgramSettings, user: Child): HTMLElement {
  const seen = new Set<string>();
  const rows = settings.services.map((one): Child[] => {
    const first = !seen.has(one.protocol);
    seen.add(one.protocol);
    return [h("span", null, t.purposes[one.protocol], !first && h("small", null, t.other)), copyable(one.host), copyable(String(one.port)), SECURITY[one.tls]];
  });
  return h("div", { class: "typed" },
    h("dl", null, h("dt", null, t.user), h("dd", null, user), h("dt", null, s.signIn.password), h("dd", null, t.password),
      h("dt", null, t.method), h("dd", null, t.methods)),
    table([t.for, p.server, t.port, t.security], rows, t.none));
}

/** Without IMAP: what there is instead. */
export function reading(settings: ProgramSettings): Child {
  if (settings.imap) return null;
  return h("p", { class: "hint" }, ...(settings.webmail ? t.readAt(h("a", { href: settings.webmail }, settings.webmail)) : [t.read]), " ",
    t.noImap);
}
