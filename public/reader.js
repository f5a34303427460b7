// Reads the code on a pack, with the camera or from a photo; no picture leaves the device. What the browser has for it (BarcodeDetector) is
// used where it knows all kinds of symbols that packs carry; else a reader in WebAssembly (zxing-wasm, ZXing-C++), which is fetched when somebody
// first wants it. For staff's pages alone. Needs page.js; the server writes words and addresses before it (`const R={…};`).
'use strict';
Leafproof.reader = (() => {
  const { t, js, wasm } = R;
  /** What packs carry: QR, Data Matrix, EAN/UPC, and GS1-128 (Code 128), by both readers' names. */
  const NATIVE = ['qr_code', 'data_matrix', 'ean_13', 'ean_8', 'upc_a', 'code_128'];
  const SYMBOLS = ['QRCode', 'RMQRCode', 'DataMatrix', 'EANUPC', 'Code128', 'DataBar', 'ITF14'];
  /** A frame that holds a symbol as people hold a pack before a camera; larger ones only take longer. A photo may be of a whole shelf. */
  const FRAME_SIDE = 1024;
  const PHOTO_SIDES = [1600, 3000];
  /** So often a frame is read: the hand moves slower, and the battery is the store's. */
  const EVERY_MS = 120;
  /** A pack has the till's code beside the item's: the product's number alone is taken when nothing better came in so long. */
  const PATIENCE_MS = 1500;
  /** A camera that nobody holds before a pack is put out. */
  const CAMERA_MS = 60000;

  /** Why there is no picture; the message is the name of a text. */
  class Cannot extends Error {}

  const script = (address) => new Promise((done, fail) => {
    document.head.append(Object.assign(document.createElement('script'), { src: address, onload: done, onerror: () => fail(new Cannot('load')) }));
  });

  let native;
  /** The browser's own reader, where it knows every kind. */
  async function own() {
    if (native === undefined) {
      native = null;
      if ('BarcodeDetector' in window && BarcodeDetector.getSupportedFormats) {
        const known = await BarcodeDetector.getSupportedFormats().catch(() => []);
        const formats = NATIVE.filter((one) => known.includes(one));
        if (formats.length === NATIVE.length) native = new BarcodeDetector({ formats });
      }
    }
    return native;
  }
  let loading = null;
  /** The kept reader: its bytes come from this site under their hash, and its own idea of where to fetch them is never asked. */
  function kept() {
    loading = loading || (async () => {
      if (!js || typeof WebAssembly !== 'object') throw new Cannot('load');
      const answer = await fetch(wasm).catch(() => null);
      if (!answer || !answer.ok) throw new Cannot('load');
      const [wasmBinary] = await Promise.all([answer.arrayBuffer(), window.ZXingWASM || script(js)]);
      await ZXingWASM.prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
      return (picture, harder) => ZXingWASM.readBarcodes(picture, { formats: SYMBOLS, tryHarder: harder, tryRotate: true, tryInvert: harder, tryDownscale: harder,
        // What stands under the symbol: (01)…(21)… of a GS1 symbol, and the text of any other.
        textMode: 'HRI', maxNumberOfSymbols: 4 });
    })().catch((error) => { loading = null; throw error; });
    return loading;
  }

  /** How much a text says of the pack: one item, something of it, a product's number alone. */
  const rank = (text) => (/\/(21|235)\/|\((21|235)\)|\u001d?21/.test(text) && !/^\d{8,14}$/.test(text) ? 2 : /^\d{8,14}$/.test(text) ? 0 : 1);
  const best = (texts) => texts.filter(Boolean).sort((a, b) => rank(b) - rank(a))[0] || null;

  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  function drawn(source, width, height, side) {
    const by = Math.min(1, side / Math.max(width, height));
    [canvas.width, canvas.height] = [Math.max(1, Math.round(width * by)), Math.max(1, Math.round(height * by))];
    pen.drawImage(source, 0, 0, canvas.width, canvas.height);
    return pen.getImageData(0, 0, canvas.width, canvas.height);
  }

  /** The text of the code in a photo; null where none can be read. */
  async function photo(file) {
    const picture = await createImageBitmap(file).catch(() => { throw new Cannot('picture'); });
    const detector = await own();
    const first = detector && best((await detector.detect(picture).catch(() => [])).map((code) => code.rawValue));
    if (first) return first;
    const look = await kept();
    for (const side of PHOTO_SIDES) {
      const found = best((await look(drawn(picture, picture.width, picture.height, side), true)).map((code) => code.text));
      if (found) return found;
      if (Math.max(picture.width, picture.height) <= side) return null;
    }
    return null;
  }

  /** Shows the camera in `video` until a code is found; `found` gets its text, `ended` the reason where none came. Gives what stops it. */
  function camera(video, found, ended) {
    let stream = null;
    let over = false;
    const stop = (why) => {
      if (over) return;
      over = true;
      if (stream) stream.getTracks().forEach((track) => track.stop());
      video.srcObject = null;
      video.hidden = true;
      document.removeEventListener('visibilitychange', away);
      ended(why && t[why]);
    };
    // A camera that goes on behind another page is nobody's wish.
    const away = () => { if (document.hidden) stop(); };
    (async () => {
      if (!isSecureContext) throw new Cannot('insecure');
      if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) throw new Cannot('none');
      const detector = await own();
      // Asked for first: whoever refuses need not wait for a reader.
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } } });
      if (over) {
        stream.getTracks().forEach((track) => track.stop());
        return;
      }
      document.addEventListener('visibilitychange', away);
      video.srcObject = stream;
      video.hidden = false;
      await video.play();
      const look = detector ? null : await kept();
      const began = performance.now();
      let waiting = null;
      while (!over) {
        const now = performance.now();
        if (now - began > CAMERA_MS) return stop('idle');
        const codes = !video.videoWidth ? [] : detector ? await detector.detect(video).catch(() => [])
          : await look(drawn(video, video.videoWidth, video.videoHeight, FRAME_SIDE), false);
        const text = best(codes.map((code) => (detector ? code.rawValue : code.text)));
        if (text && rank(text)) waiting = { text, at: -PATIENCE_MS };
        else if (text && !waiting) waiting = { text, at: now };
        if (waiting && now - waiting.at >= PATIENCE_MS && !over) {
          stop();
          return found(waiting.text);
        }
        await new Promise((done) => { setTimeout(done, EVERY_MS); });
      }
    })().catch((error) => stop({ NotAllowedError: 'refused', SecurityError: 'refused', NotFoundError: 'none', OverconstrainedError: 'none',
      NotReadableError: 'busy', AbortError: 'busy' }[error.name] || (error instanceof Cannot ? error.message : 'busy')));
    return () => stop();
  }

  /** Whether any reader is there at all: without one, typing is. */
  const able = () => Boolean(js) || 'BarcodeDetector' in window;
  /** What has to be kept for reading without a network: nothing where the browser reads by itself. */
  const files = async () => (await own() || !js ? [] : [js, wasm]);
  const why = (error) => t[error instanceof Cannot ? error.message : 'picture'];
  return { able, photo, camera, files, why, t };
})();
