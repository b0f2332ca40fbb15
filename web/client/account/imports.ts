// Mail in from elsewhere and out: a file, another server, what becomes of each import, an archive to take along.
import { ApiError, account, importPiece, webmail, type Import, type Mailbox } from "../api";
import { attempt, button, complain, dialog, field, fill, h, sure, type Child } from "../dom";
import { minute, size } from "../format";
import { table } from "../table";
import { imports as t } from "../words/account/imports";
import { p } from "../words/pages";
import { s } from "../words/shared";

/** Octets that are sent at once: what is lost when a connection breaks. */
const PIECE = 8 * 1024 * 1024;
/** Milliseconds between looks at imports that run, and tries of an upload that broke off. */
const LOOK = 1500, AGAIN = 3000, TRIES = 100;

export async function imports(main: HTMLElement): Promise<() => void> {
  const list = h("div", { "aria-live": "off" });
  const sending = new Map<number, AbortController>();
  const [mailboxes, first] = await Promise.all([webmail.mailboxes(), account.imports()]);
  let timer = 0, ended = false;
  const show = (now: Import[]): void => {
    clearTimeout(timer);
    if (ended) return;
    fill(list, ...rows(now, sending, show, resume));
    if (now.some((one) => one.state === "running" || one.state === "waiting" || sending.has(one.id))) timer = window.setTimeout(() => void look(), LOOK);
  };
  const look = async (): Promise<void> => {
    try {
      const now = await account.imports();
      clearTimeout(timer);
      // A press of the mouse on what goes would be lost.
      if (list.matches(":active")) timer = window.setTimeout(() => void look(), LOOK);
      else show(now);
    } catch (problem) {
      if (problem instanceof ApiError && problem.code === "server:unreachable") timer = window.setTimeout(() => void look(), AGAIN);
      else complain(problem);
    }
  };
  const resume = (one: Import, file: File): void => void attempt(async () => {
    if (file.size !== one.size) throw new Error(t.otherFile(size(file.size), size(one.size)));
    await send(one, file, sending, look);
  });
  const begin = async (file: File, mailbox: string, train: boolean): Promise<void> => {
    const one = await account.import_file({ name: file.name, size: file.size, mailbox, train });
    await send(one, file, sending, look);
  };
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, t.meaning),
    fromFile(mailboxes, begin), fromServer(look), h("h2", null, t.imports), list, out(mailboxes));
  show(first);
  const warn = (event: BeforeUnloadEvent): void => { if (sending.size) event.preventDefault(); };
  addEventListener("beforeunload", warn);
  return () => {
    ended = true;
    clearTimeout(timer);
    removeEventListener("beforeunload", warn);
    for (const stop of sending.values()) stop.abort();
  };
}

/** Send what is missing of a file, and try again when the connection breaks. */
async function send(one: Import, file: File, sending: Map<number, AbortController>, look: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  let at = one.octets, failures = 0;
  sending.set(one.id, stop);
  try {
    await look();
    while (at < file.size) {
      try {
        at = (await importPiece(one.id, at, file.slice(at, at + PIECE), stop.signal)).octets;
        failures = 0;
      } catch (problem) {
        if (stop.signal.aborted || !(problem instanceof ApiError) || problem.code === "user:signedOut") throw problem;
        const now = (await account.imports().catch(() => [one])).find((each) => each.id === one.id);
        if (!now || now.state !== "coming" || ++failures > TRIES || (problem.code !== "server:unreachable" && now.octets === at)) throw problem;
        at = now.octets;
        await new Promise((after) => setTimeout(after, AGAIN));
      }
    }
  } finally {
    sending.delete(one.id);
    if (!stop.signal.aborted) await look();
  }
}

function fromFile(mailboxes: Mailbox[], begin: (file: File, mailbox: string, train: boolean) => Promise<void>): HTMLElement {
  const file = h("input", { type: "file", required: true });
  const mailbox = h("select", null, h("option", { value: "" }, t.belongs), ...mailboxes.map((one) => h("option", { value: one.name }, one.name)));
  const train = h("input", { type: "checkbox" });
  return h("section", null, h("h2", null, t.fromFile),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        const chosen = file.files?.[0];
        if (chosen) void attempt(() => begin(chosen, mailbox.value, train.checked));
      },
    },
      h("div", { class: "pairs" },
        field(t.file, file, t.fileHint),
        field(t.into, mailbox, t.intoHint)),
      check(train), h("p", { class: "actions" }, h("button", { class: "button primary" }, t.importFile))));
}

function fromServer(look: () => Promise<void>): HTMLElement {
  const host = h("input", { placeholder: t.hostExample, required: true, autocapitalize: "off", spellcheck: false });
  const user = h("input", { placeholder: t.userExample, required: true, autocomplete: "off", autocapitalize: "off", spellcheck: false });
  const password = h("input", { type: "password", required: true, autocomplete: "off" });
  const security = h("select", null, h("option", { value: "tls" }, t.tls), h("option", { value: "starttls" }, t.starttls));
  const port = h("input", { type: "number", min: "1", max: "65535", placeholder: "993" });
  const train = h("input", { type: "checkbox" });
  return h("section", null, h("h2", null, t.fromServer),
    h("p", { class: "quiet" }, t.fromServerHint),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => {
          const kind = security.value as "tls" | "starttls";
          await account.import_imap({ host: host.value, user: user.value, password: password.value, security: kind, port: port.value ? Number(port.value) : kind === "tls" ? 993 : 143, train: train.checked });
          password.value = "";
          await look();
        });
      },
    },
      h("div", { class: "pairs" }, field(p.server, host), field(t.encryption, security), field(t.user, user),
        field(t.password, password, t.passwordHint), field(t.port, port, t.portHint)),
      check(train), h("p", { class: "actions" }, h("button", { class: "button primary" }, t.importServer))));
}

function check(box: HTMLInputElement): HTMLElement {
  return h("p", null, h("label", { class: "check" }, box, " ", t.train));
}

function rows(now: Import[], sending: Map<number, AbortController>, show: (now: Import[]) => void, resume: (one: Import, file: File) => void): Child[] {
  if (!now.length) return [h("p", { class: "quiet" }, p.none)];
  return [h("ul", { class: "rules imports" }, ...now.map((one) => item(one, sending, show, resume)))];
}

function item(one: Import, sending: Map<number, AbortController>, show: (now: Import[]) => void, resume: (one: Import, file: File) => void): HTMLElement {
  const again = (what: () => Promise<Import[]>): Promise<boolean> => attempt(async () => show(await what()));
  const busy = one.state === "running" || one.state === "waiting", coming = one.state === "coming";
  const state = coming && sending.has(one.id) ? t.sending(size(one.octets), size(one.size)) : t.states[one.state];
  const pick = h("input", { type: "file", hidden: true, onchange: () => { const file = pick.files?.[0]; if (file) resume(one, file); } });
  return h("li", null,
    h("div", { class: "what" }, ...(one.mailbox ? t.intoMailbox(h("strong", null, one.source), one.mailbox) : [h("strong", null, one.source)]), " ", h("span", { class: one.state === "stopped" ? "tag warn" : "tag" }, state),
      (busy || coming) && h("progress", { max: 100, value: one.percent, "aria-label": t.howFar(one.source) }),
      h("p", null, counts(one), " ", h("span", { class: "quiet" }, ...(one.kind === "path" ? t.commanded : t.begun)(minute(one.created)))),
      one.problem && h("p", { class: "hint" }, one.problem)),
    h("div", { class: "tools" }, pick,
      coming && !sending.has(one.id) && h("button", { type: "button", class: "button", onclick: () => pick.click() }, t.chooseAgain),
      one.skipped > 0 && h("button", { type: "button", class: "button", onclick: () => void attempt(() => why(one)) }, t.passedOver),
      busy && h("button", { type: "button", class: "button", "aria-label": t.stopThis(one.source), onclick: () => void again(() => account.import_stop({ id: one.id })) }, p.stop),
      one.state === "stopped" && one.kind === "upload" && h("button", { type: "button", class: "button", onclick: () => void again(() => account.import_go_on({ id: one.id })) }, t.goOn),
      one.kind === "imap" && !busy && h("button", { type: "button", class: "button", onclick: () => void once(one, again) }, one.state === "done" ? t.askAgain : t.goOn),
      !busy && button("trash", t.forgetThis(one.source), () => void sure(t.forgetting(one.source), t.forget).then((yes) => {
        sending.get(one.id)?.abort();
        return yes && again(() => account.import_remove({ id: one.id }));
      }))));
}

function counts(one: Import): string {
  const parts = [one.state === "coming" ? "" : t.added(one.added), one.known ? t.known(one.known) : "", one.changed ? t.changed(one.changed) : "", one.skipped ? t.skipped(one.skipped) : ""];
  return parts.filter((part) => part).join(", ");
}

async function once(one: Import, again: (what: () => Promise<Import[]>) => Promise<boolean>): Promise<void> {
  const password = h("input", { type: "password", required: true, autocomplete: "off" });
  const said = await dialog<boolean>(one.source, (close) => [
    h("form", { onsubmit: (event: Event) => { event.preventDefault(); close(true); } },
      field(t.password, password, t.passwordGone), h("footer", null, h("button", { class: "button primary" }, t.import)))]);
  if (said) await again(() => account.import_go_on({ id: one.id, password: password.value }));
}

async function why(one: Import): Promise<void> {
  const skips = await account.import_skips({ id: one.id });
  await dialog<boolean>(t.passedOver, (close) => [
    h("p", { class: "quiet" }, one.skipped > skips.length ? t.firstOf(skips.length, one.skipped) : t.allCame),
    table([p.where, p.why], skips.map((skip) => [skip.place, skip.reason]), ""),
    h("footer", null, h("button", { type: "button", class: "button primary", onclick: () => close(true) }, s.close))], "wide");
}

function out(mailboxes: Mailbox[]): HTMLElement {
  const form = h("select", null, h("option", { value: "maildir&packing=tgz" }, t.maildirTgz), h("option", { value: "maildir&packing=zip" }, t.maildirZip), h("option", { value: "mbox&packing=zip" }, t.mboxZip));
  const mailbox = h("select", null, h("option", { value: "" }, t.allMail), ...mailboxes.map((one) => h("option", { value: one.name }, one.name)));
  const link = h("a", { class: "button", download: "" }, t.export);
  const aim = (): void => { link.href = `/account/export?format=${form.value}&mailbox=${encodeURIComponent(mailbox.value)}`; };
  form.onchange = mailbox.onchange = aim;
  aim();
  return h("section", null, h("h2", null, t.export),
    h("p", { class: "quiet" }, t.exportHint),
    h("div", { class: "pairs" }, field(t.what, mailbox), field(t.as, form)), h("p", { class: "actions" }, link));
}
