// Transports and routes: which way outgoing mail leaves.
import { admin, type RoutePage, type TransportPage, type WaysPage } from "../api";
import { attempt, button, dialog, edited, field, fill, h, sure, type Child } from "../dom";
import { number } from "../format";
import { table } from "../table";
import { ways as t } from "../words/admin/queue";
import { p } from "../words/pages";
import { s } from "../words/shared";

const TLS: [TransportPage["tls"], string][] = [
  ["starttls", t.tls.starttls], ["implicit", t.tls.implicit], ["opportunistic", t.tls.opportunistic], ["none", t.tls.none],
];
const DKIM: [TransportPage["dkim"], string][] = [["all", t.dkim.all], ["rsa", t.dkim.rsa], ["none", t.dkim.none]];

/** All of it, and a form that tells the way of a message. */
export async function ways(main: HTMLElement): Promise<void> {
  const [known, accounts] = await Promise.all([admin.mail_ways(), admin.accounts()]);
  draw(main, known, accounts.map((one) => one.name));
}

function draw(main: HTMLElement, known: WaysPage, accounts: string[]): void {
  const shown = (after: WaysPage): void => draw(main, after, accounts);
  fill(main, h("h1", null, t.title),
    h("p", { class: "quiet" }, t.meaning),
    h("section", { "aria-label": t.title },
      table(["", t.rule, ""], known.routes.map((one) => [number(one.number), one.words, routeDeeds(one, known, accounts, shown)]), t.noRoutes),
      h("p", null, button("write", t.addRoute, () => void routeForm(null, known, accounts, shown), true))),
    h("section", { "aria-label": t.transports }, h("h2", null, t.transports),
      h("p", { class: "quiet" }, t.transportsHint),
      table([s.name, p.server, "TLS", t.user, t.waiting, ""], known.transports.map((one) => [
        one.name, t.at(one.host, String(one.port)), TLS.find(([key]) => key === one.tls)![1], one.username,
        one.waiting ? h("a", { href: "#queue" }, number(one.waiting)) : "0", transportDeeds(one, shown)]), t.noTransports),
      h("p", null, button("write", t.addTransport, () => void transportForm(null, shown), true))),
    trial(accounts));
}

function routeDeeds(one: RoutePage, known: WaysPage, accounts: string[], shown: (after: WaysPage) => void): Child {
  if (!one.id) return t.inFile;
  const save = (position: number): void => void edited(async () => shown(await admin.route_save({ ...one, position })), async () => shown(await admin.mail_ways()));
  return h("span", { class: "deeds" },
    one.number > 1 && button("up", t.earlier(one.number), () => save(one.number - 1)),
    h("button", { type: "button", class: "link", "aria-label": t.changeRoute(one.number), onclick: () => void routeForm(one, known, accounts, shown) }, p.change), " ",
    h("button", { type: "button", class: "link", "aria-label": t.removeRoute(one.number), onclick: () => void sure(t.removingRoute(one.words), t.removeTheRoute).then((yes) => yes && attempt(async () => shown(await admin.route_remove({ id: one.id })))) }, p.remove));
}

function transportDeeds(one: TransportPage, shown: (after: WaysPage) => void): Child {
  if (one.in_file) return t.inFile;
  return h("span", { class: "deeds" },
    h("button", { type: "button", class: "link", "aria-label": t.changeThis(one.name), onclick: () => void transportForm(one, shown) }, p.change), " ",
    h("button", { type: "button", class: "link", "aria-label": t.removeThis(one.name), onclick: () => void sure(t.removingTransport(one.host), t.removeTheTransport).then((yes) => yes && attempt(async () => shown(await admin.transport_remove({ name: one.name })))) }, p.remove));
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
  const name = text("", { required: true, placeholder: t.nameExample });
  const host = text(was?.host ?? "", { required: true, placeholder: t.hostExample });
  const port = h("input", { type: "number", min: 1, max: 65535, required: true, value: String(was?.port ?? 587) });
  const [tls, dkim] = [select(TLS, was?.tls ?? "starttls"), select(DKIM, was?.dkim ?? "all")];
  const user = text(was?.username ?? "", { autocomplete: "off" });
  const password = h("input", { type: "password", autocomplete: "new-password" });
  await form(was ? t.transport(was.name) : t.addTransport, was ? s.save : p.add, [
    !was && field(s.name, name, t.nameHint), field(p.server, host), field(p.port, port, t.portHint),
    field(t.tlsTitle, tls), field(p.userName, user, t.userHint),
    field(s.signIn.password, password, was?.username ? t.passwordHint : ""), field(t.dkimTitle, dkim, t.dkimHint),
  ], shown, async () => {
    const wanted = { host: host.value, port: port.valueAsNumber, tls: tls.value, username: user.value, password: password.value, dkim: dkim.value };
    shown(was ? await admin.transport_change({ name: was.name, version: was.version, ...wanted }) : await admin.transport_add({ name: name.value, ...wanted }));
  });
}

async function routeForm(was: RoutePage | null, known: WaysPage, accounts: string[], shown: (after: WaysPage) => void): Promise<void> {
  const account = select([["", t.any], ...accounts.map((name): [string, string] => [name, name])], was?.account ?? "");
  const [sender, recipient] = [text(was?.sender_domain ?? "", { placeholder: p.examples.domain }), text(was?.recipient_domain ?? "", { placeholder: p.examples.other })];
  const attempts = h("input", { type: "number", min: 0, max: 100, required: true, value: String(was?.attempts ?? 0) });
  const way = select([...known.transports.map((one): [string, string] => [one.name, t.by(one.name)]), ["direct", t.direct], ["fail", t.fail]],
    was?.transport ?? known.transports[0]?.name ?? "direct");
  const place = h("input", { type: "number", min: 0, max: 200, required: true, value: String(was?.number ?? 0) });
  await form(was ? t.route(was.number) : t.addRoute, was ? s.save : p.add, [
    field(t.account, account), field(t.fromDomain, sender, t.anyDomain), field(t.toDomain, recipient, t.anyDomain),
    field(t.attempts, attempts, t.attemptsHint), field(t.goes, way),
    field(t.place, place, t.placeHint),
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
  }, ...fields, h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, s.cancel), h("button", { class: "button primary" }, deed)))]);
}

function trial(accounts: string[]): HTMLElement {
  const [recipient, sender] = [text("", { type: "email", required: true, placeholder: t.recipientExample }), text("", { type: "email", placeholder: p.examples.address })];
  const account = select([["", t.noAccount], ...accounts.map((name): [string, string] => [name, name])], "");
  const attempts = h("input", { type: "number", min: 0, max: 100, required: true, value: "0" });
  const answer = h("p", { role: "status" });
  return h("section", { "aria-label": t.trial }, h("h2", null, t.trialTitle), h("form", {
    onsubmit: (event: Event) => {
      event.preventDefault();
      fill(answer);
      void attempt(async () => fill(answer, (await admin.route_trial({ recipient: recipient.value, sender: sender.value, account: account.value, attempts: attempts.valueAsNumber })).words));
    },
  }, field(t.to, recipient), field(t.from, sender, t.fromHint), field(t.account, account), field(t.attemptsSoFar, attempts),
  h("button", { class: "button" }, t.tell)), answer);
}
