// Mail in from elsewhere and out: a file, another server, what becomes of each import, an archive to take along.
import { ApiError, account, importPiece, webmail, type Import, type Mailbox } from "../api";
import { attempt, button, complain, dialog, field, fill, h, sure, type Child } from "../dom";
import { minute, number, size } from "../format";
import { table } from "../table";

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
      show(await account.imports());
    } catch (problem) {
      if (problem instanceof ApiError && problem.code === "server:unreachable") timer = window.setTimeout(() => void look(), AGAIN);
      else complain(problem);
    }
  };
  const resume = (one: Import, file: File): void => void attempt(async () => {
    if (file.size !== one.size) throw new Error(`That is another file: it has ${size(file.size)}, and the one that was begun ${size(one.size)}.`);
    await send(one, file, sending, look);
  });
  const begin = async (file: File, mailbox: string, train: boolean): Promise<void> => {
    const one = await account.import_file({ name: file.name, size: file.size, mailbox, train });
    await send(one, file, sending, look);
  };
  fill(main, h("h1", null, "Import and export"),
    h("p", { class: "quiet" }, "Bring the mail of years along. What is here already is known by its content and never comes twice, so you may import again and again until the move is done. Nothing is answered, no rule is asked, nobody hears of it."),
    fromFile(mailboxes, begin), fromServer(look), h("h2", null, "Imports"), list, out(mailboxes));
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
  const mailbox = h("select", null, h("option", { value: "" }, "Where it belongs"), ...mailboxes.map((one) => h("option", { value: one.name }, one.name)));
  const train = h("input", { type: "checkbox" });
  return h("section", null, h("h2", null, "From a file"),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        const chosen = file.files?.[0];
        if (chosen) void attempt(() => begin(chosen, mailbox.value, train.checked));
      },
    },
      h("div", { class: "pairs" },
        field("File", file, "Google Takeout as it comes, an mbox file, or a zip or tgz of mbox files (Thunderbird, Apple Mail) or of a Maildir."),
        field("Into", mailbox, "Folders and labels become mailboxes here; a mail with several labels comes once.")),
      check(train), h("p", { class: "actions" }, h("button", { class: "button primary" }, "Import the file"))));
}

function fromServer(look: () => Promise<void>): HTMLElement {
  const host = h("input", { placeholder: "imap.example.net", required: true, autocapitalize: "off", spellcheck: false });
  const user = h("input", { placeholder: "you@example.net", required: true, autocomplete: "off", autocapitalize: "off", spellcheck: false });
  const password = h("input", { type: "password", required: true, autocomplete: "off" });
  const security = h("select", null, h("option", { value: "tls" }, "TLS (port 993)"), h("option", { value: "starttls" }, "STARTTLS (port 143)"));
  const port = h("input", { type: "number", min: "1", max: "65535", placeholder: "993" });
  const train = h("input", { type: "checkbox" });
  return h("section", null, h("h2", null, "From another server"),
    h("p", { class: "quiet" }, "All mailboxes are read over IMAP, with flags; nothing changes there. Ask again later for what is new since."),
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
      h("div", { class: "pairs" }, field("Server", host), field("Encryption", security), field("Name there", user),
        field("Password there", password, "Often an app password. It is kept sealed while the import runs, and forgotten then."), field("Port", port, "Only if it is an unusual one.")),
      check(train), h("p", { class: "actions" }, h("button", { class: "button primary" }, "Import from the server"))));
}

function check(box: HTMLInputElement): HTMLElement {
  return h("p", null, h("label", { class: "check" }, box, " Let the junk filter learn from it: what lies in Junk is junk, the rest is good"));
}

const STATES: Record<Import["state"], string> = { coming: "not all of it is here yet", waiting: "waits for its turn", running: "runs", stopped: "stopped", done: "done" };

function rows(now: Import[], sending: Map<number, AbortController>, show: (now: Import[]) => void, resume: (one: Import, file: File) => void): Child[] {
  if (!now.length) return [h("p", { class: "quiet" }, "None yet.")];
  return [h("ul", { class: "rules imports" }, ...now.map((one) => item(one, sending, show, resume)))];
}

function item(one: Import, sending: Map<number, AbortController>, show: (now: Import[]) => void, resume: (one: Import, file: File) => void): HTMLElement {
  const again = (what: () => Promise<Import[]>): Promise<boolean> => attempt(async () => show(await what()));
  const busy = one.state === "running" || one.state === "waiting", coming = one.state === "coming";
  const state = coming && sending.has(one.id) ? `is being sent: ${size(one.octets)} of ${size(one.size)}` : STATES[one.state];
  const pick = h("input", { type: "file", hidden: true, onchange: () => { const file = pick.files?.[0]; if (file) resume(one, file); } });
  return h("li", null,
    h("div", { class: "what" }, h("strong", null, one.source), one.mailbox && ` into ${one.mailbox}`, " ", h("span", { class: one.state === "stopped" ? "tag warn" : "tag" }, state),
      (busy || coming) && h("progress", { max: 100, value: one.percent, "aria-label": `How far ${one.source} has come` }),
      h("p", null, counts(one), h("span", { class: "quiet" }, ` begun ${one.kind === "path" ? "on the command line " : ""}`, minute(one.created))),
      one.problem && h("p", { class: "hint" }, one.problem)),
    h("div", { class: "tools" }, pick,
      coming && !sending.has(one.id) && h("button", { type: "button", class: "button", onclick: () => pick.click() }, "Choose the file again"),
      one.skipped > 0 && h("button", { type: "button", class: "button", onclick: () => void attempt(() => why(one)) }, "What was passed over"),
      busy && h("button", { type: "button", class: "button", "aria-label": `Stop ${one.source}`, onclick: () => void again(() => account.import_stop({ id: one.id })) }, "Stop"),
      one.state === "stopped" && one.kind === "upload" && h("button", { type: "button", class: "button", onclick: () => void again(() => account.import_go_on({ id: one.id })) }, "Go on"),
      one.kind === "imap" && !busy && h("button", { type: "button", class: "button", onclick: () => void once(one, again) }, one.state === "done" ? "Ask for what is new" : "Go on"),
      !busy && button("trash", `Forget ${one.source}`, () => void sure(`The import of ${one.source} is forgotten. The mail that came stays.`, "Forget").then((yes) => {
        sending.get(one.id)?.abort();
        return yes && again(() => account.import_remove({ id: one.id }));
      }))));
}

function counts(one: Import): string {
  const parts = [one.state === "coming" ? "" : `${number(one.added)} new`, one.known ? `${number(one.known)} here already` : "", one.changed ? `flags of ${number(one.changed)} brought up to date` : "", one.skipped ? `${number(one.skipped)} passed over` : ""];
  return parts.filter((part) => part).join(", ");
}

async function once(one: Import, again: (what: () => Promise<Import[]>) => Promise<boolean>): Promise<void> {
  const password = h("input", { type: "password", required: true, autocomplete: "off" });
  const said = await dialog<boolean>(one.source, (close) => [
    h("form", { onsubmit: (event: Event) => { event.preventDefault(); close(true); } },
      field("Password there", password, "It was forgotten when the import ended."), h("footer", null, h("button", { class: "button primary" }, "Import")))]);
  if (said) await again(() => account.import_go_on({ id: one.id, password: password.value }));
}

async function why(one: Import): Promise<void> {
  const skips = await account.import_skips({ id: one.id });
  await dialog<boolean>("What was passed over", (close) => [
    h("p", { class: "quiet" }, one.skipped > skips.length ? `The first ${number(skips.length)} of ${number(one.skipped)}.` : "All the rest came."),
    table(["Where", "Why"], skips.map((skip) => [skip.place, skip.reason]), ""),
    h("footer", null, h("button", { type: "button", class: "button primary", onclick: () => close(true) }, "Close"))], "wide");
}

function out(mailboxes: Mailbox[]): HTMLElement {
  const form = h("select", null, h("option", { value: "maildir&packing=tgz" }, "Maildir, tgz"), h("option", { value: "maildir&packing=zip" }, "Maildir, zip"), h("option", { value: "mbox&packing=zip" }, "mbox, zip"));
  const mailbox = h("select", null, h("option", { value: "" }, "All mail"), ...mailboxes.map((one) => h("option", { value: one.name }, one.name)));
  const link = h("a", { class: "button", download: "" }, "Export");
  const aim = (): void => { link.href = `/account/export?format=${form.value}&mailbox=${encodeURIComponent(mailbox.value)}`; };
  form.onchange = mailbox.onchange = aim;
  aim();
  return h("section", null, h("h2", null, "Export"),
    h("p", { class: "quiet" }, "An archive with every message, its flags and keywords, which other programs read too. Imported again it gives the same mail."),
    h("div", { class: "pairs" }, field("What", mailbox), field("As", form)), h("p", { class: "actions" }, link));
}
