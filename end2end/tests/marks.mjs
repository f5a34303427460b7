// Everything the tests know about the pages' markup and words, in one place (ARCHITECTURE.md, S4; look.md, Words).

export const marks = {
  main: 'main[data-words]',
  node: 'li.node[data-entry]',
  ok: 'li.node.ok',
  failed: 'li.node.fail',
  /** The one polite announcement: the Records sentence. */
  records: '[data-line=records] [role=status]',
  fact: '[data-p]',
  headline: 'h1',
  heading: 'h3',
  recall: '.notice.alert',
  /** What a failed node says: shown, signed, what still holds. */
  said: '.said',
  receipt: '.rec > summary',
  slip: '.rec .slip',
  code: '[data-line=code]',
  product: '[data-line=product]',
  superseded: 'li.node del',
  otherLanguage: 'a[hreflang]',
  /** Leads to the form. */
  write: 'a[href^="/feedback/"]:visible',
  feedback: 'form#letter',
  send: 'form#letter button[type=submit]',
  /** The island has taken over. */
  ready: 'form#letter[data-ready]',
  counter: 'output[for=f-text]',
  shrunk: 'form#letter small[role=status]',
  /** Where a code can be typed. */
  codeForm: 'form#type',
  printedCode: '.paper .qr',
};

/** The comment form's fields, by name: rating, topic, text, photo, contact. */
export const field = (name) => `${marks.feedback} [name="${name}"]`;

export const signIn = {
  path: '/signin',
  name: '[name=name]',
  password: '[name=password]',
  submit: 'form[action="/signin"] button[type=submit]',
  inbox: '/console/comments',
  letter: 'ol.rows a',
  shown: 'main.letter',
  answer: '#f-answer',
  send: 'form:has(#f-answer) button[type=submit]',
};

/** Words by language. Patterns where a number or a name stands in the middle. */
export const words = {
  en: {
    verified: (n) => new RegExp(`All ${n} verified`),
    failed: (good, all, number) => new RegExp(`${good} of ${all} verified\\. Record ${number} failed`),
    nodeVerified: (n) => new RegExp(`Record ${n} verified`),
    notTheTop: /the words at the top are not the signed ones/,
    notCosigned: /not co-signed by anyone else yet|not yet seen by (enough )?others/,
    scriptsOff: /not checked here/,
    cannotCheck: /could not be checked/i,
    noWebAssembly: /WebAssembly/,
    unknown: /No record of this code/,
    badSyntax: /This is not a code we can read/,
    expired: /past its .*(date|use)/i,
    recalled: /recalled on/i,
    corrected: /corrected once|corrected \d+ times/i,
    firstScan: /first scan/i,
    seenOnce: /scanned once/i,
    seenTwice: /scanned twice/i,
    seen: /scanned \d+ times, first on/i,
    countsItself: /This site counts .* it is not proven/,
    madeUp: /In the demonstration the scan history is made up/,
    often: /rarely scanned this often/i,
    shared: /Many packs share this code/,
    limit: /It cannot show that the item in your hand is the item in the records/,
    thanks: /Thank you\. It is noted\./,
  },
  zh: {
    verified: (n) => new RegExp(`${n} 条.*已.*核验`),
    scriptsOff: /本机未核验/,
    cannotCheck: /无法核验/,
    unknown: /查无此码/,
    limit: /它无法说明您手中的这一件就是记录里的那一件/,
    thanks: /谢谢/,
  },
};
