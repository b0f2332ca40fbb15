// This browser among those that are told of new mail: switched on and off, and kept in step with what the server knows.
//
// What a person chose here is remembered in the browser, with the session it was chosen in: a later session of the
// same account goes on with it; in the same session, what the server has forgotten was switched off elsewhere.
import { webmail, type Push } from "../api";
import { base64url, octets } from "./news";

const PLACE = "pillarbox-push";
/** Milliseconds that signing out waits for the browser's maker. */
const PATIENCE = 1_000;

/** What is remembered. */
export interface Kept {
  account: number;
  session: number;
  endpoint: string;
}

/** What is known of this browser when the webmail begins. */
export interface Facts {
  kept: Kept | null;
  account: number;
  session: number;
  permission: NotificationPermission;
  /** Where the browser is told now; "" if it is not, or for another key than the server's. */
  endpoint: string;
  /** Whether the server tells it, in this session. */
  known: boolean;
}

/** What has to be done for it to be as it was chosen: nothing, switch off, have an address of the browser's maker, tell that to the server. */
export function step(facts: Facts): "nothing" | "end" | "subscribe" | "tell" {
  const { kept } = facts;
  if (!kept || kept.account !== facts.account) return "nothing";
  if (facts.permission !== "granted") return "end";
  if (!facts.endpoint) return "subscribe";
  if (facts.endpoint !== kept.endpoint) return "tell";
  if (facts.known) return "nothing";
  return kept.session === facts.session ? "end" : "tell";
}

/** Why a browser cannot be told at all, or null. */
export type Lack = "unsupported" | "homescreen" | "worker";

export async function lacking(): Promise<Lack | null> {
  if (!("serviceWorker" in navigator)) return "worker";
  // Safari on a telephone has it for pages on the home screen alone.
  if (!("PushManager" in window) || !("Notification" in window)) return "standalone" in navigator && !(navigator as { standalone?: boolean }).standalone ? "homescreen" : "unsupported";
  return (await registration()) ? null : "worker";
}

/** Whether this browser is told, by what the server says. */
export function isOn(push: Push): boolean {
  return push.browsers.some((one) => one.this) && remembered() !== null;
}

/** Ask the person, then the browser's maker, and tell the server; false if the person says no.  Begins with the question: it must follow a click at once. */
export async function switchOn(push: Push, account: number): Promise<Push | null> {
  if ((await Notification.requestPermission()) !== "granted") return null;
  return tell(await subscribed(push.key), account, push.session);
}

/** Tell this browser nothing more. */
export async function switchOff(push: Push): Promise<Push> {
  const mine = push.browsers.find((one) => one.this);
  const now = mine ? await webmail.push_off({ id: mine.id }) : push;
  await end();
  return now;
}

/** What `keepUp` is doing now. */
let keeping: Promise<void> | null = null;

/** Have it as it was chosen, once the page is shown; whatever goes wrong is tried again the next time. */
export function keepUp(account: number, shown: Promise<void>): void {
  keeping = shown.then(() => inStep(account)).catch(() => undefined).finally(() => (keeping = null));
}

/** The work of `keepUp` that has yet to end, or null: only then is it certain what the server knows. */
export function keptUp(): Promise<void> | null {
  return keeping;
}

async function inStep(account: number): Promise<void> {
  const kept = remembered();
  if (!kept || kept.account !== account || (await lacking())) return;
  const push = await webmail.push();
  const subscription = await current();
  const endpoint = subscription && base64url(subscription.options.applicationServerKey) === push.key ? subscription.endpoint : "";
  switch (step({ kept, account, session: push.session, permission: Notification.permission, endpoint, known: push.browsers.some((one) => one.this) })) {
    case "subscribe":
      await tell(await subscribed(push.key), account, push.session);
      break;
    case "tell":
      await tell(subscription!, account, push.session);
      break;
    case "end":
      await end();
      break;
  }
}

/** Somebody signs out here: the server has ended it with the session, the browser forgets it too. */
export async function leave(): Promise<void> {
  if (remembered()) await Promise.race([end().catch(() => undefined), new Promise((done) => setTimeout(done, PATIENCE))]);
}

async function registration(): Promise<ServiceWorkerRegistration | undefined> {
  return navigator.serviceWorker.getRegistration("/webmail/");
}

async function current(): Promise<PushSubscription | null> {
  return (await (await registration())?.pushManager.getSubscription()) ?? null;
}

/** A subscription for the server's key; one for another key makes room. */
async function subscribed(key: string): Promise<PushSubscription> {
  const manager = (await navigator.serviceWorker.ready).pushManager;
  const before = await manager.getSubscription();
  if (before && base64url(before.options.applicationServerKey) === key) return before;
  await before?.unsubscribe();
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: octets(key) });
}

async function tell(subscription: PushSubscription, account: number, session: number): Promise<Push> {
  const told = await webmail.push_on({ endpoint: subscription.endpoint, key: base64url(subscription.getKey("p256dh")), secret: base64url(subscription.getKey("auth")) });
  localStorage.setItem(PLACE, JSON.stringify({ account, session, endpoint: subscription.endpoint } satisfies Kept));
  return told;
}

async function end(): Promise<void> {
  localStorage.removeItem(PLACE);
  await (await current())?.unsubscribe();
}

function remembered(): Kept | null {
  try {
    const found = JSON.parse(localStorage.getItem(PLACE) ?? "null") as Kept | null;
    return found && typeof found.account === "number" && typeof found.session === "number" && typeof found.endpoint === "string" ? found : null;
  } catch {
    return null;
  }
}
