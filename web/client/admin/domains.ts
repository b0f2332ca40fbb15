// Domains: their settings, DKIM keys, DNS records, addresses and aliases.
import { admin, type Alias, type DomainPage, type DomainPolicy } from "../api";
import { dnsCheck } from "./dns";
import { contents } from "../pages";
import { attempt, dialog, edited, field, fill, h, notice, sure } from "../dom";
import { reading, typed } from "../programs";
import { copyable, table } from "../table";
import { keys } from "./keys";
import { recordStates } from "./records";
import { domains as t } from "../words/admin/domains";
import { p } from "../words/pages";
import { s } from "../words/shared";

type Mode = DomainPolicy["mode"];

export async function domains(main: HTMLElement): Promise<void> {
  const known = await admin.domains();
  const name = h("input", { placeholder: p.examples.domain, required: true });
  fill(main, h("h1", null, p.domains),
    table([p.domain, t.description, p.addresses, t.aliases, ""], known.map((line) => [
      h("a", { href: `#domain/${encodeURIComponent(line.name)}` }, line.name), line.description, line.addresses, line.aliases, line.enabled ? "" : h("span", { class: "tag" }, t.off)]), p.noDomain),
    h("h2", null, t.addOne),
    h("form", {
      class: "filters",
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => { location.hash = `#setup/${encodeURIComponent((await admin.domain_add({ name: name.value.trim() })).line.name)}`; });
      },
    }, field(s.name, name), h("button", { class: "button primary" }, p.add)));
}

export async function oneDomain(main: HTMLElement, name: string): Promise<void> {
  await draw(main, await admin.domain({ name }));
}

async function draw(main: HTMLElement, page: DomainPage): Promise<void> {
  const [accounts, settings, known] = await Promise.all([admin.accounts(), admin.domain_programs({ name: page.line.name }), admin.domain_dns({ name: page.line.name })]);
  const again = (what: () => Promise<DomainPage>): Promise<boolean> => edited(async () => draw(main, await what()), () => oneDomain(main, page.line.name));
  const reload = (): Promise<boolean> => again(() => admin.domain({ name: page.line.name }));
  const description = h("input", { value: page.line.description });
  const enabled = h("input", { type: "checkbox", checked: page.line.enabled });
  const separator = h("input", { value: page.separator, maxLength: 1, size: 2 });
  const sensitive = h("input", { type: "checkbox", checked: page.case_sensitive });
  const dmarcReports = h("input", { value: page.dmarc_reports, placeholder: p.nowhere, autocomplete: "off" });
  const tlsReports = h("input", { value: page.tls_reports, placeholder: p.nowhere, autocomplete: "off" });
  const catchall = h("select", null, h("option", { value: "" }, t.refuse), ...accounts.map((one) => h("option", { value: one.name, selected: one.name === page.catchall }, one.name)));
  const checked = dnsCheck(page.line.name, known);
  const beside = h("div", null, h("p", { class: "none" }, t.asking));
  void attempt(async () => fill(beside, recordStates(await admin.domain_records({ name: page.line.name }))));
  fill(main, h("p", null, h("a", { href: "#domains" }, p.domains)), h("h1", null, page.line.name),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void again(async () => {
          const changed = await admin.domain_change({
            name: page.line.name, description: description.value, enabled: enabled.checked, catchall: catchall.value,
            separator: separator.value, case_sensitive: sensitive.checked,
            dmarc_reports: dmarcReports.value.trim(), tls_reports: tlsReports.value.trim(), version: page.version,
          });
          notice(p.saved);
          return changed;
        });
      },
    }, field(t.description, description), field(t.enabled, enabled, t.enabledHint), field(t.catchall, catchall),
      field(t.separator, separator, t.separatorHint), field(t.sensitive, sensitive, t.sensitiveHint),
      field(t.dmarcReports, dmarcReports, t.dmarcReportsHint),
      field(t.tlsReports, tlsReports, t.tlsReportsHint),
      h("button", { class: "button primary" }, s.save)),
    h("h2", null, p.addresses),
    table([p.address, p.account, ""], page.addresses.map((one) => [one.address, h("a", { href: `#account/${encodeURIComponent(one.account)}` }, one.account),
      h("button", { type: "button", class: "link", "aria-label": p.removeThis(one.address), onclick: () => void sure(t.removingAddress(one.address), p.remove).then((yes) => yes && attempt(async () => { await admin.address_remove({ address: one.address }); await reload(); })) }, p.remove)]), t.noAddresses),
    h("h2", null, t.aliases),
    table([t.alias, t.members, t.memberSends, t.writers, ""], page.aliases.map((one) => [one.address, one.members.join(", "), one.sendable ? p.yes : p.no, t.posts[one.post], h("span", null,
      h("button", { type: "button", class: "link", "aria-label": p.changeThis(one.address), onclick: () => void change(one).then((done) => done && reload()) }, p.change), " ",
      h("button", { type: "button", class: "link", "aria-label": p.removeThis(one.address), onclick: () => void sure(t.removingAlias(one.address), p.remove).then((yes) => yes && attempt(async () => { await admin.alias_remove({ address: one.address }); await reload(); })) }, p.remove))]), t.noAliases),
    h("button", { type: "button", class: "button", onclick: () => void add(page).then((done) => done && reload()) }, t.addAlias),
    h("h2", null, t.records),
    h("p", { class: "quiet" }, t.recordsHint, " ", h("a", { href: `#setup/${encodeURIComponent(page.line.name)}` }, t.stepByStep)),
    page.caution && h("p", { class: "warning" }, page.caution),
    beside,
    h("details", { class: "zone-file" }, h("summary", null, t.zoneFile), copyable(page.records.filter((record) => !record.optional).map((record) => `${record.name} ${record.kind} ${record.value}`).join("\n"))),
    h("h2", null, t.check),
    checked,
    h("h2", { id: "keys" }, t.keys), keys(page, again),
    h("h2", null, t.policy),
    policy(page, again),
    h("h2", null, t.reports),
    h("p", { class: "actions" }, h("a", { class: "button", href: `#dmarc/${encodeURIComponent(page.line.name)}` }, t.whoSends), h("a", { class: "button", href: `#tls/${encodeURIComponent(page.line.name)}` }, t.connections)),
    h("h2", null, p.programs), reading(settings), typed(settings, t.wholeAddress(page.line.name)),
    h("h2", null, p.remove),
    h("button", { type: "button", class: "button danger", onclick: () => void sure(t.removing(page.line.name), t.removeIt).then((yes) => yes && attempt(async () => { await admin.domain_remove({ name: page.line.name }); location.hash = "#domains"; })) }, t.removeThis));
  contents(main);
}

function policy(page: DomainPage, again: (what: () => Promise<DomainPage>) => Promise<boolean>): HTMLElement {
  const mode = h("select", null, ...(Object.keys(t.modes) as Mode[]).map((one) => h("option", { value: one, selected: one === page.policy.mode }, `${one}: ${t.modes[one]}`)));
  const shown = String(Math.max(1, Math.round(page.policy.max_age / 86400)));
  const days = h("input", { type: "number", min: "1", max: "365", required: true, value: shown });
  const hosts = h("input", { value: page.policy.mx.join(" "), placeholder: t.hostsExample });
  return h("form", {
    onsubmit: (event: Event) => {
      event.preventDefault();
      void again(async () => {
        const changed = await admin.domain_policy({ name: page.line.name, mode: mode.value as Mode, max_age: days.value === shown ? page.policy.max_age : Number(days.value) * 86400, mx: hosts.value, version: page.policy.version });
        notice(t.policySaved);
        return changed;
      });
    },
  }, field(t.mode, mode, t.modeHint),
    field(t.days, days), field(t.hosts, hosts, t.hostsHint),
    h("button", { class: "button primary" }, s.save));
}

type Post = Alias["post"];

function posting(chosen: Post): HTMLSelectElement {
  return h("select", null, ...(Object.keys(t.posts) as Post[]).map((one) => h("option", { value: one, selected: one === chosen }, t.posts[one])));
}

function members(text: string): string[] {
  return text.split(/[\s,]+/).filter((one) => one !== "");
}

function change(alias: Alias): Promise<boolean | null> {
  const text = h("textarea", { rows: 5, value: alias.members.join("\n") });
  const sendable = h("input", { type: "checkbox", checked: alias.sendable });
  const post = posting(alias.post);
  return dialog<boolean>(alias.address, (close) => [h("form", {
    onsubmit: (event: Event) => { event.preventDefault(); void edited(() => admin.alias_change({ address: alias.address, members: members(text.value), sendable: sendable.checked, post: post.value as Post, version: alias.version }), async () => close(true)).then((done) => done && close(true)); },
  }, field(t.membersHere, text), field(t.sendable, sendable), field(t.writers, post, t.posting), h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, s.cancel), h("button", { class: "button primary" }, s.save)))]);
}

function add(page: DomainPage): Promise<boolean | null> {
  const address = h("input", { value: `@${page.line.name}`, required: true });
  const text = h("textarea", { rows: 5 });
  const sendable = h("input", { type: "checkbox" });
  const post = posting("everybody");
  return dialog<boolean>(t.newAlias, (close) => [h("form", {
    onsubmit: (event: Event) => { event.preventDefault(); void attempt(() => admin.alias_add({ address: address.value.trim(), members: members(text.value), sendable: sendable.checked, post: post.value as Post })).then((done) => done && close(true)); },
  }, field(t.alias, address), field(t.newMembers, text), field(t.sendable, sendable), field(t.writers, post, t.posting), h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, s.cancel), h("button", { class: "button primary" }, p.add)))]);
}
