// The inbox's comforts: keys, and who else is at a letter. All of it is there without them, by links, buttons and the page's own load.
'use strict';
(() => {
  const $ = (selector) => document.querySelector(selector);
  const KEPT = 'leafproof.keys';
  // Between two words of being at a letter. The server forgets after four of them (server/src/inbox/presence.rs).
  const EVERY_MS = 10000;
  // Whoever typed so lately is writing.
  const WRITING_MS = 30000;
  const dialog = $('#keys');
  const open = $('#keys-open');
  const on = $('#keys-on');
  const kept = () => { try { return localStorage.getItem(KEPT) !== 'off'; } catch { return true; } };

  const rows = () => [...document.querySelectorAll('.rows .row a')].filter((row) => row.offsetParent);
  function step(by) {
    const all = rows();
    const from = all.findIndex((row) => row === document.activeElement);
    const at = from < 0 ? all.findIndex((row) => row.getAttribute('aria-current')) : from;
    const to = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    if (to) to.focus();
    return Boolean(to);
  }
  const focused = (selector) => { const to = $(selector); if (to) to.focus(); return Boolean(to); };
  const pressed = (selector) => { const to = $(selector); if (to) to.click(); return Boolean(to); };
  // Enter opens the letter that has the focus by itself: it is a link.
  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    r: () => focused('#f-answer'),
    e: () => pressed('[data-key=e]'),
    '?': () => { dialog.showModal(); return true; },
  };
  const typing = (at) => at instanceof Element && at.closest('input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable]');
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat && event.key === 'e' || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = KEYS[event.key];
    if (act && on.checked && !dialog.open && !typing(event.target) && act()) event.preventDefault();
  });
  if (dialog && dialog.showModal) {
    on.checked = kept();
    on.addEventListener('change', () => { try { localStorage.setItem(KEPT, on.checked ? 'on' : 'off'); } catch { /* For this page alone, then. */ } });
    open.hidden = false;
    open.addEventListener('click', () => dialog.showModal());
  }

  const here = $('#presence');
  if (!here || !here.dataset.here) return;
  const field = $('#f-answer');
  let typed = -Infinity;
  if (field) field.addEventListener('input', () => { typed = performance.now(); });
  const put = (at, words) => { if (at && at.textContent !== words) at.textContent = words; };
  async function say() {
    if (document.hidden) return;
    const body = new URLSearchParams({ seen: here.dataset.seen });
    if (performance.now() - typed < WRITING_MS) body.set('writing', 'yes');
    try {
      // Signed out meanwhile, it would lead to a page that is no answer.
      const answer = await fetch(here.dataset.here, { method: 'POST', body, redirect: 'error' });
      if (!answer.ok) return;
      const { line, news } = await answer.json();
      put(here, line);
      put($('#news'), news);
    } catch { /* The next one may come through. */ }
  }
  setInterval(say, EVERY_MS);
  if (field) field.addEventListener('input', say, { once: true });
  document.addEventListener('visibilitychange', say);
})();
