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

/** Every page, by what stands after # in its address; whoever is to know all of them reads them here. */
export const PAGES: Record<string, Entry> = {
  overview: { title: "Overview", draw: overview },
  setup: { title: "Set up", draw: setup },
  domains: { group: "Mail here", title: "Domains", draw: domains },
  domain: { title: "Domain", draw: oneDomain, above: "domains" },
  accounts: { title: "Accounts", draw: accounts },
  account: { title: "Account", draw: oneAccount, above: "accounts" },
  masks: { title: "Masked addresses", draw: masks },
  queue: { group: "Mail elsewhere", title: "Queue", draw: queue },
  queued: { title: "In the queue", draw: oneQueued, above: "queue" },
  ways: { title: "Routes", draw: ways },
  destinations: { title: "Destinations", draw: destinations },
  reports: { title: "Reports", draw: reports },
  dmarc: { title: "Mail in a domain's name", draw: dmarc, above: "reports" },
  tls: { title: "Connections", draw: tls, above: "reports" },
  report: { title: "Report", draw: oneReport, above: "reports" },
  sent: { title: "Reports to others", draw: sent, above: "reports" },
  trace: { title: "Message trace", draw: trace },
  steps: { title: "Trace", draw: oneTrace, above: "trace" },
  server: { group: "Server", title: "Server", draw: server },
  certificates: { title: "Certificates", draw: certificates, above: "server" },
  policies: { title: "Policies of other domains", draw: policies, above: "server" },
  blocklists: { title: "Block lists", draw: blocklists, above: "server" },
  log: { title: "Log", draw: log, above: "server" },
  configuration: { title: "Configuration", draw: configuration, above: "server" },
  security: { title: "Security", draw: security },
  audit: { title: "Audit log", draw: audit },
  backups: { title: "Backups", draw: backups },
  backup: { title: "Backup", draw: oneBackup, above: "backups" },
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
  signIn(place, "Administration", state.hostname, false, async (_, password, code) => {
    await admin.login({ password, code });
    await begin();
  });
}

const again = starting(place, begin);
