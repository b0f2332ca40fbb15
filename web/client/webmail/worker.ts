// The service worker: keeps the shell of the webmail (the page, its script and styles), and nothing of anybody's mail.
//
// The page is asked of the server first, so that a new version is seen at once; what it refers to has a hash
// in its address and never changes.  Everything else goes by as if there were no worker.

const SHELL = "pillarbox-shell";

/** What this needs of an event; the types of pages do not know workers. */
interface Fetching extends Event {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

self.addEventListener("fetch", (event) => {
  const { request } = event as Fetching;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/webmail/") (event as Fetching).respondWith(page(request));
  else if (url.pathname.startsWith("/static/") && url.searchParams.has("v")) (event as Fetching).respondWith(file(request, url));
});

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
