// Records as a member posts them: one EPCIS 2.0 document, over the standard interface.
import { randomUUID } from 'node:crypto';

/** A member of the demo whose key this service keeps, so that it can post without signing itself. */
export const MEMBER = 'oboo-vet.example';
const PLACE = 'urn:epc:id:sgln:9521296.00001.0';
/** The beef's product: its name and picture are on record, a pack of it needs only an event of its own. */
const PRODUCT = '/01/09521234000044';

/** The path of a pack that nobody ever named before. */
export const newPack = () => `${PRODUCT}/21/T${randomUUID().replaceAll('-', '').slice(0, 15).toUpperCase()}`;

/** A pack of the member's own number with so many plain records, the first of which brought it into being: nothing on its page is seldom. */
export async function ownPack(url, demo, records) {
  const path = newPack().replace(PRODUCT, '/01/09521296000013');
  const document = inspection(path);
  document.epcisBody.eventList = Array.from({ length: records }, () => inspection(path).epcisBody.eventList[0]);
  Object.assign(document.epcisBody.eventList[0], { action: 'ADD', bizStep: 'commissioning' });
  await capture(url, demo, document);
  return path;
}

export function inspection(path, { id = `urn:uuid:${randomUUID()}`, words = 'Fit for sale' } = {}) {
  const now = new Date().toISOString();
  return {
    '@context': ['https://ref.gs1.org/standards/epcis/epcis-context.jsonld', { lp: 'https://leafproof.example/epcis/' }],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: now,
    epcisBody: {
      eventList: [
        {
          eventID: id,
          type: 'ObjectEvent',
          eventTime: now,
          eventTimeZoneOffset: '+08:00',
          action: 'OBSERVE',
          bizStep: 'inspecting',
          epcList: [`https://id.talanuur.example${path}`],
          readPoint: { id: PLACE },
          'lp:facts': [{ 'lp:label': { en: 'Finding', zh: '结论' }, 'lp:text': words }],
        },
      ],
    },
  };
}

export const keyOf = (demo, member) => {
  const found = demo.keys.find((one) => one.member === member);
  if (!found) throw new Error(`demo.tsv has no API key of ${member}`);
  return found.key;
};

/** Asks the EPCIS interface as a member. */
export function epcis(url, demo, path, { member = MEMBER, document } = {}) {
  const headers = { authorization: `Bearer ${keyOf(demo, member)}` };
  const post = document && { method: 'POST', body: JSON.stringify(document) };
  return fetch(`${url}/epcis/v2${path}`, { ...post, headers: { ...headers, ...(post && { 'content-type': 'application/json' }) } });
}

/** Posts a document and gives its capture job once it is acknowledged. */
export async function capture(url, demo, document) {
  const answer = await epcis(url, demo, '/capture', { document });
  const job = await answer.json();
  if (answer.status !== 202 || !job.success) throw new Error(`capture: ${answer.status} ${JSON.stringify(job)}`);
  return job;
}
