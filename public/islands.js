// Loads the islands' bundle when a form is touched, once. The form works the same without it. The server writes both addresses.
{
  const form = document.querySelector('form#letter');
  const load = () => {
    for (const kind of ['focusin', 'pointerdown']) form.removeEventListener(kind, load);
    import('{js}').then((bundle) => bundle.default({ module_or_path: '{wasm}' }).then(() => {
      bundle.hydrate();
      for (const island of form.querySelectorAll('leptos-island')) {
        const start = bundle[island.dataset.component];
        if (start) start(island);
      }
    })).catch(() => {});
  };
  if (form) for (const kind of ['focusin', 'pointerdown']) form.addEventListener(kind, load);
  if (form && form.contains(document.activeElement)) load();
}
