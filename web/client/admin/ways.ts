// Transports and routes: which way outgoing mail leaves.
import { admin, type RoutePage, type TransportPage, type WaysPage } from "../api";
import { attempt, button, dialog, edited, field, fill, h, sure, type Child } from "../dom";
import { number } from "../format";
import { table } from "../table";

const TLS: [TransportPage["tls"], string][] = [
  ["starttls", "STARTTLS, verified certificate"], ["implicit", "TLS from the start, verified certificate"],
  ["opportunistic", "what it offers, unverified"], ["none", "none"],
];
const DKIM: [TransportPage["dkim"], string][] = [["all", "all"], ["rsa", "RSA only"], ["none", "none: it signs by itself"]];

/** All of it, and a form that tells the way of a message. */
export async function ways(main: HTMLElement): Promise<void> {
  const [known, accounts] = await Promise.all([admin.mail_ways(), admin.accounts()]);
  draw(main, known, accounts.map((one) => one.name));
}

function draw(main: HTMLElement, known: WaysPage, accounts: string[]): void {
  const shown = (after: WaysPage): void => draw(main, after, accounts);
  fill(main, h("h1", null, "Routes"),
    h("p", { class: "quiet" }, "Mail goes straight to the mail hosts of its recipients, unless a route says otherwise. The first route that fits decides; mail that waits follows a change at once."),
    h("section", { "aria-label": "Routes" },
      table(["", "Rule", ""], known.routes.map((one) => [number(one.number), one.words, routeDeeds(one, known, accounts, shown)]), "No routes: all mail goes direct."),
      h("p", null, button("write", "Add a route", () => void routeForm(null, known, accounts, shown), true))),
    h("section", { "aria-label": "Transports" }, h("h2", null, "Transports"),
      h("p", { class: "quiet" }, "Other servers that take your outgoing mail, like the relay of your provider. They are used where a route says so."),
      table(["Name", "Server", "TLS", "Signs in as", "Waiting", ""], known.transports.map((one) => [
        one.name, `${one.host}, port ${one.port}`, TLS.find(([key]) => key === one.tls)![1], one.username,
        one.waiting ? h("a", { href: "#queue" }, number(one.waiting)) : "0", transportDeeds(one, shown)]), "No transports."),
      h("p", null, button("write", "Add a transport", () => void transportForm(null, shown), true))),
    trial(accounts));
}

function routeDeeds(one: RoutePage, known: WaysPage, accounts: string[], shown: (after: WaysPage) => void): Child {
  if (!one.id) return "in the configuration file";
  const save = (position: number): void => void edited(async () => shown(await admin.route_save({ ...one, position })), async () => shown(await admin.mail_ways()));
  return h("span", { class: "deeds" },
    one.number > 1 && button("up", `Look at route ${one.number} earlier`, () => save(one.number - 1)),
    h("button", { type: "button", class: "link", "aria-label": `Change route ${one.number}`, onclick: () => void routeForm(one, known, accounts, shown) }, "Change"), " ",
    h("button", { type: "button", class: "link", "aria-label": `Remove route ${one.number}`, onclick: () => void sure(`No longer: ${one.words}. Mail that waits goes by the other routes.`, "Remove the route").then((yes) => yes && attempt(async () => shown(await admin.route_remove({ id: one.id })))) }, "Remove"));
}

function transportDeeds(one: TransportPage, shown: (after: WaysPage) => void): Child {
  if (one.in_file) return "in the configuration file";
  return h("span", { class: "deeds" },
    h("button", { type: "button", class: "link", "aria-label": `Change ${one.name}`, onclick: () => void transportForm(one, shown) }, "Change"), " ",
    h("button", { type: "button", class: "link", "aria-label": `Remove ${one.name}`, onclick: () => void sure(`The server forgets ${one.host} and its password.`, "Remove the transport").then((yes) => yes && attempt(async () => shown(await admin.transport_remove({ name: one.name })))) }, "Remove"));
}

function select<T extends string>(choices: [T, string][], chosen: T): HTMLSelectElement & { value: T } {
  const made = h("select", null, ...choices.map(([value, text]) => h("option", { value }, text))) as HTMLSelectElement & { value: T };
  made.value = chosen;
  return made;
}

function text(value: string, more: Record<string, unknown> = {}): HTMLInputElement {
  return h("input", { value, autocapitalize: "off", spellcheck: false, ...more });
}

async function transportForm(was: TransportPage | null, shown: (after: WaysPage) => void): Promise<void> {
  const name = text("", { required: true, placeholder: "relay" });
  const host = text(was?.host ?? "", { required: true, placeholder: "smtp.relay.example" });
  const port = h("input", { type: "number", min: 1, max: 65535, required: true, value: String(was?.port ?? 587) });
  const [tls, dkim] = [select(TLS, was?.tls ?? "starttls"), select(DKIM, was?.dkim ?? "all")];
  const user = text(was?.username ?? "", { autocomplete: "off" });
  const password = h("input", { type: "password", autocomplete: "new-password" });
  await form(was ? `Transport ${was.name}` : "Add a transport", was ? "Save" : "Add", [
    !was && field("Name", name, "What routes call it."), field("Server", host), field("Port", port, "Mostly 587; 465 for TLS from the start."),
    field("TLS", tls), field("User name", user, "Empty: it asks for none."),
    field("Password", password, was?.username ? "Empty: the one it has stays." : ""), field("DKIM signatures", dkim, "Some relays stumble over two signatures."),
  ], shown, async () => {
    const wanted = { host: host.value, port: port.valueAsNumber, tls: tls.value, username: user.value, password: password.value, dkim: dkim.value };
    shown(was ? await admin.transport_change({ name: was.name, version: was.version, ...wanted }) : await admin.transport_add({ name: name.value, ...wanted }));
  });
}

async function routeForm(was: RoutePage | null, known: WaysPage, accounts: string[], shown: (after: WaysPage) => void): Promise<void> {
  const account = select([["", "any"], ...accounts.map((name): [string, string] => [name, name])], was?.account ?? "");
  const [sender, recipient] = [text(was?.sender_domain ?? "", { placeholder: "example.org" }), text(was?.recipient_domain ?? "", { placeholder: "example.net" })];
  const attempts = h("input", { type: "number", min: 0, max: 100, required: true, value: String(was?.attempts ?? 0) });
  const way = select([...known.transports.map((one): [string, string] => [one.name, `by ${one.name}`]), ["direct", "direct"], ["fail", "nowhere: give it up and tell the sender"]],
    was?.transport ?? known.transports[0]?.name ?? "direct");
  const place = h("input", { type: "number", min: 0, max: 200, required: true, value: String(was?.number ?? 0) });
  await form(was ? `Route ${was.number}` : "Add a route", was ? "Save" : "Add", [
    field("Sent by the account", account), field("From the domain", sender, "Empty: any."), field("To the domain", recipient, "Empty: any."),
    field("After failed attempts", attempts, "Only mail that failed this often before; 0 is all."), field("Goes", way),
    field("Place in the list", place, "1 is looked at first, 0 is the end."),
  ], shown, async () => shown(await admin.route_save({
    id: was?.id ?? 0, version: was?.version ?? null, account: account.value, sender_domain: sender.value, recipient_domain: recipient.value,
    attempts: attempts.valueAsNumber, transport: way.value, position: place.valueAsNumber,
  })));
}

/** A dialog that stays open until what it asks for was done. */
async function form(title: string, deed: string, fields: Child[], shown: (after: WaysPage) => void, save: () => Promise<void>): Promise<void> {
  await dialog<boolean>(title, (close) => [h("form", {
    onsubmit: (event: Event) => {
      event.preventDefault();
      void edited(save, async () => { shown(await admin.mail_ways()); close(null); }).then((done) => done && close(true));
    },
  }, ...fields, h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, "Cancel"), h("button", { class: "button primary" }, deed)))]);
}

function trial(accounts: string[]): HTMLElement {
  const [recipient, sender] = [text("", { type: "email", required: true, placeholder: "bob@example.net" }), text("", { type: "email", placeholder: "ann@example.org" })];
  const account = select([["", "none"], ...accounts.map((name): [string, string] => [name, name])], "");
  const attempts = h("input", { type: "number", min: 0, max: 100, required: true, value: "0" });
  const answer = h("p", { role: "status" });
  return h("section", { "aria-label": "Trial" }, h("h2", null, "Which way would a message take?"), h("form", {
    onsubmit: (event: Event) => {
      event.preventDefault();
      fill(answer);
      void attempt(async () => fill(answer, (await admin.route_trial({ recipient: recipient.value, sender: sender.value, account: account.value, attempts: attempts.valueAsNumber })).words));
    },
  }, field("To", recipient), field("From", sender, "Empty: a notice of the mail system."), field("Sent by the account", account), field("Failed attempts so far", attempts),
  h("button", { class: "button" }, "Tell")), answer);
}
