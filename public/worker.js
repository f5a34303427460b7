// Keeps store mode for when there is no network. Its scope is /demo/: it answers for stages and for what they load, and for no other page of
// this site. The network always comes first, so that a proof is never older than it has to be; how old it is, the stage says.
'use strict';
const KEPT = 'leafproof-stage-1';
/** Some twenty items in both languages; what was kept first goes first. */
const KEPT_MAX = 600;
/** What a stage loads. Nothing else passes through here, and nothing that somebody typed. */
const OURS = /^\/(demo\/(?!find)|bundle\/|policy$|media\/|qr\/|milestone\/|_\/)/;
/** Names that carry the hash of their bytes: the kept one is the one. */
const FOREVER = /^\/(_|media)\//;

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

async function put(request, response) {
  const cache = await caches.open(KEPT);
  await cache.put(request, response);
  const all = await cache.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - KEPT_MAX)).map((one) => cache.delete(one)));
}
// The same address in another language is another address here, so what else an answer depends on does not matter.
const kept = async (request) => (await caches.open(KEPT)).match(request, { ignoreVary: true });

async function answer(request) {
  const path = new URL(request.url).pathname;
  const before = FOREVER.test(path) && (await kept(request));
  if (before) return before;
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) await put(request, fresh.clone());
    return fresh;
  } catch (error) {
    const old = await kept(request);
    if (old) return old;
    throw error;
  }
}

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === 'GET' && url.origin === location.origin && OURS.test(url.pathname) && !request.headers.has('range')) event.respondWith(answer(request));
});

/** A stage names what it needs; the answer says whether all of it is here now. */
addEventListener('message', (event) => {
  const fetched = event.data.keep.map(async (address) => {
    const fresh = await fetch(address);
    if (!fresh.ok) throw new Error(address);
    await put(address, fresh);
  });
  event.waitUntil(Promise.all(fetched).then(() => true, () => false).then((ok) => event.ports[0].postMessage(ok)));
});
