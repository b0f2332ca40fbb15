// The service worker: keeps the shell of the webmail (the page, its script and styles), and nothing of anybody's mail;
// shows notices of new mail, and opens what was clicked.
//
// The page is asked of the server first, so that a new version is seen at once; what it refers to has a hash
// in its address and never changes.  Everything else goes by as if there were no worker.

import { base64url, placeOf, read, shownAs, type Shown } from "./news";

const SHELL = "pillarbox-shell";

/** What this needs of an event; the types of pages do not know workers. */
interface Fetching extends Event {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Pushed extends Waiting {
  data: { text(): string } | null;
}
interface Clicked extends Waiting {
  notification: { data: unknown; close(): void };
}
interface Replaced extends Waiting {
  oldSubscription?: PushSubscription | null;
  newSubscription?: PushSubscription | null;
}
interface Window_ {
  url: string;
  focused: boolean;
  visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}
const worker = self as unknown as {
  registration: { showNotification(title: string, options: Shown["options"]): Promise<void>; pushManager: PushManager };
  clients: { matchAll(which: { type: "window"; includeUncontrolled: boolean }): Promise<Window_[]>; openWindow(url: string): Promise<unknown> };
};

self.addEventListener("fetch", (event) => {
  const { request } = event as Fetching;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/webmail/") (event as Fetching).respondWith(page(request));
  else if (url.pathname.startsWith("/static/") && url.searchParams.has("v")) (event as Fetching).respondWith(file(request, url));
});

self.addEventListener("push", (event) => (event as Pushed).waitUntil(tell((event as Pushed).data?.text() ?? "")));
self.addEventListener("notificationclick", (event) => {
  const { notification } = event as Clicked;
  notification.close();
  (event as Clicked).waitUntil(open(placeOf(notification.data)));
});
self.addEventListener("pushsubscriptionchange", (event) => (event as Replaced).waitUntil(renew(event as Replaced)));

/** Show what the server sent, unless somebody looks at the webmail now, where it shows by itself. */
async function tell(text: string): Promise<void> {
  const news = read(text);
  if (!news.test && (await silentAllowed()) && (await pages()).some((page) => page.focused && page.visibilityState === "visible")) return;
  const { title, options } = shownAs(news);
  await worker.registration.showNotification(title, options);
}

/** Safari takes the permission away from who is told something and shows nothing. */
async function silentAllowed(): Promise<boolean> {
  const subscription = await worker.registration.pushManager.getSubscription();
  return !(subscription && new URL(subscription.endpoint).hostname.endsWith(".apple.com"));
}

/** Show a place in the page that is open, else open one. */
async function open(hash: string): Promise<void> {
  const [page] = (await pages()).sort((one, other) => Number(other.focused) - Number(one.focused));
  if (!page) return void (await worker.clients.openWindow(`/webmail/${hash}`));
  if (hash) page.postMessage({ open: hash });
  await page.focus();
}

/** The pages of the webmail that are open. */
async function pages(): Promise<Window_[]> {
  const all = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  return all.filter((page) => new URL(page.url).pathname === "/webmail/");
}

/** The browser's maker has another address for us: the server is told, if it knew the one before.  Else the page does, when it opens. */
async function renew(event: Replaced): Promise<void> {
  const old = event.oldSubscription;
  if (!old) return;
  const now = event.newSubscription ?? (await worker.registration.pushManager.subscribe(old.options as PushSubscriptionOptionsInit));
  const state = (await call("state", {}, "")) as { result?: { csrf?: string } };
  await call("push_renew", { old: old.endpoint, endpoint: now.endpoint, key: base64url(now.getKey("p256dh")), secret: base64url(now.getKey("auth")) }, state.result?.csrf ?? "");
}

async function call(name: string, given: object, token: string): Promise<unknown> {
  const answer = await fetch(`/api/webmail/${name}`, { method: "POST", headers: { "Content-Type": "application/json", "X-Pillarbox-Csrf": token }, body: JSON.stringify(given), credentials: "same-origin" });
  return answer.json();
}

/** The page: new if the server can be reached, else as it was. */
async function page(request: Request): Promise<Response> {
  const shell = await caches.open(SHELL);
  try {
    const answer = await fetch(request);
    if (answer.ok) await shell.put("/webmail/", answer.clone());
    return answer;
  } catch (problem) {
    const known = await shell.match("/webmail/");
    if (known) return known;
    throw problem;
  }
}

/** A file that never changes under its name; of each only the newest is kept. */
async function file(request: Request, url: URL): Promise<Response> {
  const shell = await caches.open(SHELL);
  const known = await shell.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (!answer.ok) return answer;
  for (const old of await shell.keys()) if (new URL(old.url).pathname === url.pathname) await shell.delete(old);
  await shell.put(request, answer.clone());
  return answer;
}
