// The service worker: keeps the shell of the product, so that it opens without a connection, and never anything of
// /api. The build fills in the two names below.

declare const SHELL_VERSION: string;
/** The paths of one version. */
export type Shell = readonly string[];
declare const SHELL_FILES: Shell;
declare const self: ServiceWorkerGlobalScope;

const PREFIX = "shell-";
const CACHE = PREFIX + SHELL_VERSION;
const PAGE = "/";
/** A server that says nothing for so long is as good as none, if there is a page to show. */
const PATIENCE_MS = 4000;

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([PAGE, ...SHELL_FILES].map((path) => new Request(path, { cache: path.startsWith("/assets/") ? "default" : "reload" })));
}

/** The version before this one stays: a tab that still runs it may ask for one of its parts. */
async function forgetOld(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  const old = names.filter((name) => name !== CACHE);
  await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The server's page is always the newest; the kept one fits the kept parts. */
async function page(request: Request): Promise<Response> {
  const kept = await caches.open(CACHE).then((cache) => cache.match(PAGE));
  if (!kept) return fetch(request);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.status >= 500 ? kept : answer;
  } catch {
    return kept;
  }
}

/** Parts have their content in their name: one that is here is the right one. */
async function part(request: Request): Promise<Response> {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.status === 200) await caches.open(CACHE).then((cache) => cache.put(request, answer.clone()));
  return answer;
}

async function other(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request);
    if (kept) return kept;
    throw error;
  }
}

async function open(url: string): Promise<void> {
  const [tab] = await self.clients.matchAll({ type: "window" });
  if (!tab) await self.clients.openWindow(url);
  else await (await tab.focus()).navigate(url);
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOld()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || pathname.startsWith("/api/")) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (pathname.startsWith("/assets/")) event.respondWith(part(request));
  else if (SHELL_FILES.includes(pathname)) event.respondWith(other(request));
});

// Sent by a page that was just opened: nobody needs the old version any more than that one does.
self.addEventListener("message", (event: ExtendableMessageEvent) => {
  if (event.data === "take-over") event.waitUntil(self.skipWaiting());
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open((event.notification.data as { url?: string } | null)?.url ?? "/chat"));
});
