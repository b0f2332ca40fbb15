// The administration: one page for each thing.
import { admin } from "../api";
import { Pages, type Entry } from "../pages";
import { signIn, starting } from "../signin";
import { accounts, oneAccount } from "./accounts";
import { audit } from "./audit";
import { backups } from "./backups";
import { blocklists } from "./blocklists";
import { certificates } from "./certificates";
import { configuration } from "./configuration";
import { destinations } from "./destinations";
import { domains, oneDomain } from "./domains";
import { oneBackup } from "./inside";
import { log } from "./log";
import { masks } from "./masks";
import { overview } from "./overview";
import { policies } from "./policies";
import { oneQueued, queue } from "./queue";
import { dmarc, oneReport, reports, tls } from "./reports";
import { security } from "./security";
import { sent } from "./sent";
import { server } from "./server";
import { setup } from "./setup";
import { oneTrace, trace } from "./trace";
import { ways } from "./ways";
import { pages as t } from "../words/admin/pages";
import { p } from "../words/pages";

/** Every page, by what stands after # in its address; whoever is to know all of them reads them here. */
export const PAGES: Record<string, Entry> = {
  overview: { title: t.overview, draw: overview },
  setup: { title: t.setup, draw: setup },
  domains: { group: t.mailHere, title: p.domains, draw: domains },
  domain: { title: p.domain, draw: oneDomain, above: "domains" },
  accounts: { title: p.accounts, draw: accounts },
  account: { title: p.account, draw: oneAccount, above: "accounts" },
  masks: { title: p.masks, draw: masks },
  queue: { group: t.mailElsewhere, title: t.queue, draw: queue },
  queued: { title: t.queued, draw: oneQueued, above: "queue" },
  ways: { title: t.ways, draw: ways },
  destinations: { title: t.destinations, draw: destinations },
  reports: { title: p.reports, draw: reports },
  dmarc: { title: t.dmarc, draw: dmarc, above: "reports" },
  tls: { title: t.tls, draw: tls, above: "reports" },
  report: { title: t.report, draw: oneReport, above: "reports" },
  sent: { title: t.sent, draw: sent, above: "reports" },
  trace: { title: t.traces, draw: trace },
  steps: { title: p.trace, draw: oneTrace, above: "trace" },
  server: { group: p.server, title: p.server, draw: server },
  certificates: { title: t.certificates, draw: certificates, above: "server" },
  policies: { title: t.policies, draw: policies, above: "server" },
  blocklists: { title: t.blocklists, draw: blocklists, above: "server" },
  log: { title: t.log, draw: log, above: "server" },
  configuration: { title: t.configuration, draw: configuration, above: "server" },
  security: { title: t.security, draw: security },
  audit: { title: t.audit, draw: audit },
  backups: { title: t.backups, draw: backups },
  backup: { title: t.backup, draw: oneBackup, above: "backups" },
};

const place = document.getElementById("app")!;
let pages: Pages | null = null;

async function begin(): Promise<void> {
  const state = await admin.state();
  pages?.end();
  pages = null;
  if (state.signed_in) {
    pages = new Pages(PAGES, place, state.hostname, [], async () => { await admin.logout(); await again(); });
    return;
  }
  signIn(place, t.title, state.hostname, false, async (_, password, code) => {
    await admin.login({ password, code });
    await begin();
  });
}

const again = starting(place, begin);
