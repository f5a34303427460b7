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
    if (request.mode === 'navigate') return missing(request);
    throw error;
  }
}

/** What stands instead of a page that was never loaded here: in both languages, for the worker does not know whose tablet it is. */
function missing(request) {
  const english = `<p lang="en"><b>Not available now.</b> There is no network, and these goods were not opened on this device before.</p>`;
  const chinese = `<p lang="zh"><b>暂时打不开。</b>现在没有网络，而这件商品没有在本机上打开过。</p>`;
  const begin = new URL('/demo/', request.url).href;
  const page = `<!DOCTYPE html><html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Leafproof</title>
<style>body{margin:0;min-height:100vh;display:grid;place-content:center;padding:24px;gap:16px;background:#14120f;color:#f3eee6;font:1.25rem/1.6 system-ui,sans-serif}p{margin:0;max-width:32em}a{color:inherit}</style>
<main>${new URL(request.url).searchParams.get('lang') === 'zh' ? chinese + english : english + chinese}<p><a href="${begin}">Leafproof</a></p></main></html>`;
  return new Response(page, { status: 503, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' } });
}

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin || request.headers.has('range')) return;
  if (OURS.test(url.pathname)) event.respondWith(answer(request));
  // What somebody typed is not kept; that it cannot be looked up now is said.
  else if (request.mode === 'navigate') event.respondWith(fetch(request).catch(() => missing(request)));
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
