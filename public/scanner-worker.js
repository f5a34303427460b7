// Keeps the staff scanner for when there is no network: its page in both languages, scripts, verifier, reader, rules. Its scope is /scanner/, so it
// never comes near a shopper's page. Proofs do not pass through here: the page itself keeps those of the day, with the time of each.
'use strict';
const KEPT = 'leafproof-scanner-1';
/** Two builds of all that the page loads; what was kept first goes first. */
const KEPT_MAX = 40;
const OURS = /^\/(scanner\/|policy|_\/.+)$/;
/** Names that carry the hash of their bytes: the kept one is the one. */
const FOREVER = /^\/_\//;
/** A network that takes longer than this for a page is none: whoever stands at a shelf does not wait. */
const NETWORK_MS = 4000;

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

async function put(request, response) {
  const cache = await caches.open(KEPT);
  // What is put again counts as new.
  await cache.delete(request, { ignoreVary: true });
  await cache.put(request, response);
  const all = await cache.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - KEPT_MAX)).map((one) => cache.delete(one)));
}
// The same address in another language is another address here, so what else an answer depends on does not matter.
const kept = async (request) => (await caches.open(KEPT)).match(request, { ignoreVary: true });

async function answer(request) {
  const before = await kept(request);
  if (before && FOREVER.test(new URL(request.url).pathname)) return before;
  const fetched = fetch(request).then(async (fresh) => {
    if (fresh.ok && !fresh.redirected) await put(request, fresh.clone());
    return fresh;
  });
  if (!before) return fetched;
  const late = new Promise((done) => { setTimeout(done, NETWORK_MS, before); });
  return Promise.race([fetched, late]).catch(() => before);
}

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === 'GET' && url.origin === location.origin && OURS.test(url.pathname)) event.respondWith(answer(request));
});

/** The page names what it needs; the answer says whether all of it is here now. */
addEventListener('message', (event) => {
  const fetched = event.data.keep.map(async (address) => {
    if (FOREVER.test(address) && (await kept(address))) return;
    const fresh = await fetch(address);
    if (!fresh.ok) throw new Error(address);
    await put(address, fresh);
  });
  event.waitUntil(Promise.all(fetched).then(() => true, () => false).then((ok) => event.ports[0].postMessage(ok)));
});
