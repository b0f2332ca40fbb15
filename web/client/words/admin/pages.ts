// What the administration says first: its menu, the list of pages about the server, how it is at a glance.
import { say } from "../phrase";

/** The pages, by what the menu calls them. */
export const pages = {
  overview: "Overview", setup: "Set up", mailHere: "Mail here", mailElsewhere: "Mail elsewhere", queue: "Queue", queued: "In the queue", ways: "Routes",
  destinations: "Destinations", dmarc: "Mail in a domain's name", tls: "Connections", report: "Report", sent: "Reports to others",
  traces: "Message trace", certificates: "Certificates", policies: "Policies of other domains", blocklists: "Block lists", log: "Log",
  configuration: "Configuration", security: "Security", audit: "Audit log", backups: "Backups", backup: "Backup", title: "Administration",
};

/** The server at a glance. */
export const overview = {
  version: (version: string) => say`Pillarbox ${version}`, health: "Health", domains: "domains", accounts: "accounts",
  queuedHeld: (held: number) => say`in the queue, ${held} held`, queued: "in the queue", oldest: "oldest in the queue", blocklists: "DNS block lists",
  unexamined: "not looked at yet: blocks nothing", broken: (problem: string) => say`${problem}; blocks nothing`, works: "works",
  events: "Recent events", search: "Search the message trace", processes: "Processes",
  ready: (ready: number, all: number) => say`${ready} of ${all} are ready`, silentSupervisor: "The supervisor does not answer", process: "Process",
  up: "Up", memory: "Memory", restarts: "Restarts", pid: "Pid", isReady: "ready", unready: "not ready", noProcesses: "The supervisor does not answer.",
  states: { good: "good", attention: "attention", bad: "trouble" }, nothing: "Nothing has happened yet.",
};

/** The list of pages about the server. */
export const server = {
  certificates: "What this server shows of itself: names, ends, renewal, keys and their TLSA records.",
  policies: "What others ask for when mail goes to them (MTA-STS), and how protected it got there (DANE, DNSSEC, REQUIRETLS).",
  blocklists: "Whether the lists work that are asked about senders, and whether this server is on one.",
  log: "What is logged of each part of the program, for an hour more or less than usual.",
  configuration: "Every setting in force, and where its value comes from.",
};
