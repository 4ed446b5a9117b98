// Runs what the opener is made of, in this Node: each list of the task with its own function.
import { text } from "node:stream/consumers";
import { hex } from "../../intake/browser/bytes.ts";
import { parse } from "../../intake/browser/core/entries.ts";
import { openEvidence } from "../../intake/browser/opener/evidence.ts";
import { openIdentities } from "../../intake/browser/opener/identities.ts";
import { harmless, inline, printable } from "../../intake/browser/core/printable.ts";
import { contents, isTar } from "../../intake/browser/opener/tar.ts";
import { thread } from "../../intake/browser/opener/thread.ts";
import { choose } from "../../intake/browser/primitives/either.ts";

const unhex = (given) => new Uint8Array(Buffer.from(given, "hex"));
const file = (given) => new Blob([unhex(given)]);

// What a call gives, or why it gives nothing: its code, else the kind of error.
async function result(call) {
  try {
    return await call();
  } catch (error) {
    return { error: error.code ?? error.constructor.name };
  }
}

async function tar(given) {
  if (!(await isTar(file(given)))) {
    return { error: "no tar" };
  }
  const { members, problem } = await contents(file(given));
  const read = async ({ name, content }) => [name, Buffer.from(await content.arrayBuffer()).toString("hex")];
  return { members: await Promise.all(members.map(read)), problem: problem?.code ?? "" };
}

function ordered(entries) {
  const { entries: found, missing, repeated } = thread(entries);
  return {
    order: found.map((one) => one.id),
    missing: found.map((one) => missing.get(one)),
    repeated: repeated.map((one) => one.id),
  };
}

async function evidence({ told, sealed }) {
  const pieces = [];
  await openEvidence(told, file(sealed), (piece) => pieces.push(hex(piece)));
  return { plain: pieces.join("") };
}

const task = JSON.parse(await text(process.stdin));
const all = (given, call) => Promise.all((given ?? []).map((one) => result(async () => call(one))));
await choose();
console.log(
  JSON.stringify({
    identities: await all(task.identities, async ({ data, passphrase }) => ({
      seeds: (await openIdentities(file(data), passphrase, () => undefined)).map(hex),
    })),
    entries: await all(task.entries, (plain) => ({ entry: parse(unhex(plain)) })),
    tars: await all(task.tars, tar),
    threads: await all(task.threads, ordered),
    evidence: await all(task.evidence, evidence),
    texts: await all(task.texts, (one) => [printable(one), inline(one), harmless(one)]),
  }),
);
