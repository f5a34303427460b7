// Breaks a copy of the demo data once per rule and sees check.mjs name the fault.
//
//     node --test check.test.mjs          DEMO_SCHEMA=DIR adds the rules of the EPCIS schema (see check.mjs)
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const schema = process.env.DEMO_SCHEMA;
const vet = "beef/03-oboo-vet.epcis.json", cut = "beef/05-linwu-foods.epcis.json";
const idOf = (file) => /urn:uuid:[0-9a-f-]{36}/.exec(readFileSync(join(HERE, file), "utf8"))[0];

function run(breakIt) {
  const dir = mkdtempSync(join(tmpdir(), "demo-"));
  try {
    cpSync(HERE, dir, { recursive: true });
    breakIt?.((file, from, to) => {
      const path = join(dir, file), before = readFileSync(path, "utf8"), after = before.replace(from, to);
      assert.notEqual(after, before, "the test no longer changes anything");
      writeFileSync(path, after);
    });
    return spawnSync(process.execPath, [join(dir, "check.mjs"), ...(schema ? ["--schema", schema] : [])], { encoding: "utf8" });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test("the data as they are", () => assert.equal(run().status, 0));

const cases = [
  ["check digit", /check digit should be/, cut, "09521234000044/21/7K2", "09521234000045/21/7K2"],
  ["never unpacked", /never taken out/, "beef/08-pinglu-market.epcis.json", '"action": "DELETE"', '"action": "OBSERVE"'],
  ["one language only", /no zh/, vet, '"zh": "体温"', '"zh": ""'],
  ["wrong language", /Chinese in en/, vet, '"en": "Finding"', '"en": "结论"'],
  ["unknown template", /template not understood/, vet, "{{D-13T06:40:00+08:00}}", "{{D-13 06:40}}"],
  ["in the future", /not in the past/, vet, "{{D-13T06:40:00+08:00}}", "{{D+1T06:40:00+08:00}}"],
  ["missing file", /no file media/, vet, "{{file:vet-certificate", "{{file:vat-certificate"],
  ["stranger's GTIN", /no prefix for/, "beef/members.json", /"9521234000044"/, '"9521234000051"'],
  ["correction that edits", /repeats the event it corrects/, "beef/10-pinglu-market.epcis.json", '"lp:value": 19,', '"lp:value": 18,'],
  ["fact against readings", /says highest/, "beef/06-beihe.epcis.json", '"value": 3.4', '"value": 3.9'],
  ["ambiguous serial", /serial W6/, "handbag/02-vellane.epcis.json", "W6NX2KT8RQ4HPD", "W6NX2KT8RQ4HP0"],
  ["recall not said", /recalled: true/, "formula/scene.json", '"special": "recalled"', '"special": "in-order"'],
  ["not expired", /expired: false/, "formula/02-glenarra.epcis.json", '"{{D-25}}"', '"{{D+25}}"'],
  ["script in a picture", /a script or an outside reference/, "beef/media/ribeye.svg", "</svg>", "<script/></svg>"],
  ["event id twice", /used twice/, "beef/04-suohe-meats.epcis.json", /urn:uuid:[0-9a-f-]{36}/, idOf(vet)],
  ["place without a name", /has not named/, vet, /("readPoint": ?\{ ?"id": "urn:epc:id:sgln:9521296\.)00001/, "$100002"],
  ["scan history of nobody", /no such item/, "scans.json", "M4R8WQ2HTX9KDC", "M4R8WQ2HTX9KDD"],
  ["prefixes overlap", /overlaps with/, "handbag/members.json", '"9522319"', '"952230"'],
];
if (schema) cases.push(
  ["unknown bizStep", /schema: /, vet, '"inspecting"', '"looking"'],
  ["unknown field", /schema: /, "beef/07-pinglu-logistics.epcis.json", '"disposition"', '"dispo"'],
);
for (const [name, expected, file, from, to] of cases) {
  test(name, () => {
    const { status, stderr } = run((replace) => replace(file, from, to));
    assert.equal(status, 1);
    assert.match(stderr, expected);
  });
}
