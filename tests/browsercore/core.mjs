// Runs the pure modules on a task: JSON in, JSON out, all vectors in one process.
import { text } from "node:stream/consumers";
import * as evidence from "../../intake/browser/core/evidence.ts";
import * as canonical from "../../intake/browser/core/canonical.ts";
import * as padding from "../../intake/browser/core/padding.ts";
import * as receipt from "../../intake/browser/core/receipt.ts";
import * as report from "../../intake/browser/core/report.ts";
import * as routing from "../../intake/browser/core/routing.ts";
import { encode as encodeEntry } from "../../intake/browser/core/entry.ts";
import { unbase64 } from "../../intake/browser/bytes.ts";

const task = JSON.parse(await text(process.stdin));
// A task names only what it asks about.
const asked = (name) => task[name] ?? [];
const hex = (bytes) => Buffer.from(bytes).toString("hex");

// What a call answers, or the kind of its error and what the page shows of it.
async function outcome(call) {
  try {
    return { value: await call() };
  } catch (error) {
    const { code = "", places = [], message } = error;
    return { error: error.constructor.name, code, places, message };
  }
}

const all = (cases, call) => Promise.all(cases.map((one) => outcome(() => call(one))));

function wrong({ group: name, answers, people = [], office = "", spoken = false }) {
  const group = task.programme.groups.find((one) => one.name === name);
  return office
    ? report.officeProblems(office, answers, group)
    : report.problems(answers, task.programme, group, people, spoken);
}

function whole({ group: name, answers, people, offices }) {
  const group = task.programme.groups.find((one) => one.name === name);
  return report.pageProblems(answers, group, people, offices);
}

async function made({ random }, languages) {
  const places = await receipt.make(Buffer.from(random, "hex"));
  const words = languages.map(([name, list]) => [name, receipt.words(places, list)]);
  return {
    random,
    secret: hex(receipt.secret(places)),
    places,
    numbers: receipt.numbers(places),
    words: Object.fromEntries(words),
  };
}

const languages = Object.entries(task.lists ?? { en: ["x"] });
const indexes = languages.map(([, list]) => receipt.index(list));
const read = async (text) => hex(receipt.secret(await receipt.parse(text, indexes)));
// Both lists read every word, at places that are one apart.
const [first, ...rest] = languages[0][1];
const turned = [receipt.index([first, ...rest]), receipt.index([...rest, first])];

// No value of JSON, so no task can hold it.
const strange = [1.5, NaN, 2 ** 53, undefined, () => 1, 1n, { a: undefined }, Symbol("x")];

console.log(
  JSON.stringify({
    encoded: await all(asked("values"), (value) => hex(canonical.encode(value))),
    strange: await all(strange, canonical.encode),
    decoded: await all(asked("texts"), (text) => canonical.decode(Buffer.from(text, "hex"))),
    buckets: await all(asked("sizes"), padding.bucket),
    padme: asked("lengths").map(padding.padme),
    entries: await all(asked("entries"), (entry) => hex(encodeEntry(entry))),
    made: await all(asked("receipts"), (one) => made(one, languages)),
    read: await all(asked("typed"), read),
    turned: await all(asked("turned"), (text) => receipt.parse(text, turned)),
    problems: asked("problems").map(wrong),
    pages: asked("pages").map(whole),
    routed: asked("routings").map(({ programme, facets }) => routing.route(programme, facets)),
    facets: asked("answers").map((answers) => routing.facets(answers, task.programme)),
    most: evidence.FILES,
    shown: asked("files").map(([files, originals]) => evidence.visible(files, originals)),
    wanted: asked("arrived").map((one) => evidence.isWanted(...one)),
    unbase64: await all(asked("base64"), (text) => hex(unbase64(text))),
  }),
);
