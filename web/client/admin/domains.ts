// Domains: their settings, DKIM keys, DNS records, addresses and aliases.
import { admin, type Alias, type DomainPage, type DomainPolicy } from "../api";
import { dnsCheck } from "./dns";
import { contents } from "../pages";
import { attempt, dialog, edited, field, fill, h, notice, sure } from "../dom";
import { reading, typed } from "../programs";
import { copyable, table } from "../table";
import { keys } from "./keys";
import { recordStates } from "./records";

type Mode = DomainPolicy["mode"];

export async function domains(main: HTMLElement): Promise<void> {
  const known = await admin.domains();
  const name = h("input", { placeholder: "example.org", required: true });
  fill(main, h("h1", null, "Domains"),
    table(["Domain", "Description", "Addresses", "Aliases", ""], known.map((line) => [
      h("a", { href: `#domain/${encodeURIComponent(line.name)}` }, line.name), line.description, line.addresses, line.aliases, line.enabled ? "" : h("span", { class: "tag" }, "switched off")]), "No domain yet."),
    h("h2", null, "Add a domain"),
    h("form", {
      class: "filters",
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(async () => { location.hash = `#setup/${encodeURIComponent((await admin.domain_add({ name: name.value.trim() })).line.name)}`; });
      },
    }, field("Name", name), h("button", { class: "button primary" }, "Add")));
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
  const dmarcReports = h("input", { value: page.dmarc_reports, placeholder: "nowhere", autocomplete: "off" });
  const tlsReports = h("input", { value: page.tls_reports, placeholder: "nowhere", autocomplete: "off" });
  const catchall = h("select", null, h("option", { value: "" }, "nobody: refuse it"), ...accounts.map((one) => h("option", { value: one.name, selected: one.name === page.catchall }, one.name)));
  const checked = dnsCheck(page.line.name, known);
  const beside = h("div", null, h("p", { class: "none" }, "The DNS is asked what is there…"));
  void attempt(async () => fill(beside, recordStates(await admin.domain_records({ name: page.line.name }))));
  fill(main, h("p", null, h("a", { href: "#domains" }, "Domains")), h("h1", null, page.line.name),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void again(async () => {
          const changed = await admin.domain_change({
            name: page.line.name, description: description.value, enabled: enabled.checked, catchall: catchall.value,
            separator: separator.value, case_sensitive: sensitive.checked,
            dmarc_reports: dmarcReports.value.trim(), tls_reports: tlsReports.value.trim(), version: page.version,
          });
          notice("Saved.");
          return changed;
        });
      },
    }, field("Description", description), field("Takes mail", enabled, "While it does not, others are told to try again later; nothing is removed."), field("Mail to unknown addresses goes to", catchall),
      field("Separator", separator, "With + mail to ann+shop goes to ann; empty switches this off."), field("Upper and lower case differ", sensitive, "Ann@ and ann@ are then two addresses; nobody expects that."),
      field("DMARC reports go to", dmarcReports, "Where others are to report mail in the domain's name: an address at any of your domains. The records below ask for it."),
      field("TLS reports go to", tlsReports, "Where others are to report how connections were protected."),
      h("button", { class: "button primary" }, "Save")),
    h("h2", null, "Addresses"),
    table(["Address", "Account", ""], page.addresses.map((one) => [one.address, h("a", { href: `#account/${encodeURIComponent(one.account)}` }, one.account),
      h("button", { type: "button", class: "link", "aria-label": `Remove ${one.address}`, onclick: () => void sure(`${one.address} will no longer be known.`, "Remove").then((yes) => yes && attempt(async () => { await admin.address_remove({ address: one.address }); await reload(); })) }, "Remove")]), "No addresses."),
    h("h2", null, "Aliases"),
    table(["Alias", "Passes on to", "Members write as it", "Who may write to it", ""], page.aliases.map((one) => [one.address, one.members.join(", "), one.sendable ? "yes" : "no", POSTS[one.post], h("span", null,
      h("button", { type: "button", class: "link", "aria-label": `Change ${one.address}`, onclick: () => void change(one).then((done) => done && reload()) }, "Change"), " ",
      h("button", { type: "button", class: "link", "aria-label": `Remove ${one.address}`, onclick: () => void sure(`The alias ${one.address} will be removed.`, "Remove").then((yes) => yes && attempt(async () => { await admin.alias_remove({ address: one.address }); await reload(); })) }, "Remove"))]), "No aliases."),
    h("button", { type: "button", class: "button", onclick: () => void add(page).then((done) => done && reload()) }, "Add an alias"),
    h("h2", null, "DNS records"),
    h("p", { class: "quiet" }, "Put these where the DNS of the domain is managed. What others have to keep was taken into account: each replaces what is shown beside it. ", h("a", { href: `#setup/${encodeURIComponent(page.line.name)}` }, "Set up step by step")),
    page.caution && h("p", { class: "warning" }, page.caution),
    beside,
    h("details", { class: "zone-file" }, h("summary", null, "As text for a zone file"), copyable(page.records.filter((record) => !record.optional).map((record) => `${record.name} ${record.kind} ${record.value}`).join("\n"))),
    h("h2", null, "Is the DNS as it should be?"),
    checked,
    h("h2", { id: "keys" }, "DKIM keys"), keys(page, again),
    h("h2", null, "Protected transport (MTA-STS)"),
    policy(page, again),
    h("h2", null, "Reports of others"),
    h("p", { class: "actions" }, h("a", { class: "button", href: `#dmarc/${encodeURIComponent(page.line.name)}` }, "Who sends as this domain"), h("a", { class: "button", href: `#tls/${encodeURIComponent(page.line.name)}` }, "How connections did")),
    h("h2", null, "Mail programs"), reading(settings), typed(settings, `the whole address, like somebody@${page.line.name}`),
    h("h2", null, "Remove"),
    h("button", { type: "button", class: "button danger", onclick: () => void sure(`Mail to ${page.line.name} will no longer be taken.`, "Remove the domain").then((yes) => yes && attempt(async () => { await admin.domain_remove({ name: page.line.name }); location.hash = "#domains"; })) }, "Remove this domain"));
  contents(main);
}

const MODES: Record<Mode, string> = {
  off: "no policy", none: "ends an earlier policy", testing: "use TLS, report what fails", enforce: "no mail without verified TLS",
};

function policy(page: DomainPage, again: (what: () => Promise<DomainPage>) => Promise<boolean>): HTMLElement {
  const mode = h("select", null, ...(Object.keys(MODES) as Mode[]).map((one) => h("option", { value: one, selected: one === page.policy.mode }, `${one}: ${MODES[one]}`)));
  const shown = String(Math.max(1, Math.round(page.policy.max_age / 86400)));
  const days = h("input", { type: "number", min: "1", max: "365", required: true, value: shown });
  const hosts = h("input", { value: page.policy.mx.join(" "), placeholder: "mx2.example.org *.example.net" });
  return h("form", {
    onsubmit: (event: Event) => {
      event.preventDefault();
      void again(async () => {
        const changed = await admin.domain_policy({ name: page.line.name, mode: mode.value as Mode, max_age: days.value === shown ? page.policy.max_age : Number(days.value) * 86400, mx: hosts.value, version: page.policy.version });
        notice("Saved. Look at the DNS records: they belong together.");
        return changed;
      });
    },
  }, field("What other servers are told", mode, "Begin with testing. To end a policy choose none, and off when it has run out everywhere."),
    field("They keep it for so many days", days), field("Hosts besides this one", hosts, "A * in front stands for one label."),
    h("button", { class: "button primary" }, "Save"));
}

type Post = Alias["post"];
const POSTS: Record<Post, string> = { everybody: "everybody", members: "its members", domain: "people at its domain" };
const POSTING = "Of others, the message has to be proven to come from its author (DKIM, SPF).";

function posting(chosen: Post): HTMLSelectElement {
  return h("select", null, ...(Object.keys(POSTS) as Post[]).map((one) => h("option", { value: one, selected: one === chosen }, POSTS[one])));
}

const SENDABLE = "Accounts here among them may write in its name";

function members(text: string): string[] {
  return text.split(/[\s,]+/).filter((one) => one !== "");
}

function change(alias: Alias): Promise<boolean | null> {
  const text = h("textarea", { rows: 5, value: alias.members.join("\n") });
  const sendable = h("input", { type: "checkbox", checked: alias.sendable });
  const post = posting(alias.post);
  return dialog<boolean>(alias.address, (close) => [h("form", {
    onsubmit: (event: Event) => { event.preventDefault(); void edited(() => admin.alias_change({ address: alias.address, members: members(text.value), sendable: sendable.checked, post: post.value as Post, version: alias.version }), async () => close(true)).then((done) => done && close(true)); },
  }, field("Addresses, one a line", text), field(SENDABLE, sendable), field("Who may write to it", post, POSTING), h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, "Cancel"), h("button", { class: "button primary" }, "Save")))]);
}

function add(page: DomainPage): Promise<boolean | null> {
  const address = h("input", { value: `@${page.line.name}`, required: true });
  const text = h("textarea", { rows: 5 });
  const sendable = h("input", { type: "checkbox" });
  const post = posting("everybody");
  return dialog<boolean>("New alias", (close) => [h("form", {
    onsubmit: (event: Event) => { event.preventDefault(); void attempt(() => admin.alias_add({ address: address.value.trim(), members: members(text.value), sendable: sendable.checked, post: post.value as Post })).then((done) => done && close(true)); },
  }, field("Alias", address), field("Passes on to, one address a line", text), field(SENDABLE, sendable), field("Who may write to it", post, POSTING), h("footer", null, h("button", { type: "button", class: "button", onclick: () => close(null) }, "Cancel"), h("button", { class: "button primary" }, "Add")))]);
}
