// Seals and derives on a task: the same in Node and in a browser's page. Bytes go as hex.
import * as bytes from "../../intake/browser/bytes.ts";
import { encode } from "../../intake/browser/core/entry.ts";
import { parse } from "../../intake/browser/core/reading.ts";
import * as age from "../../intake/browser/crypto/age.ts";
import * as derive from "../../intake/browser/crypto/derive.ts";
import { open } from "../../intake/browser/crypto/open.ts";
import { evidenceDigest } from "../../intake/browser/crypto/digest.ts";
import * as stream from "../../intake/browser/crypto/stream.ts";
import * as errors from "../../intake/browser/errors.ts";
import { opens, works } from "../../intake/browser/primitives/check.ts";
import { primitives as native } from "../../intake/browser/primitives/native.ts";
import * as keccak from "../../intake/browser/primitives/keccak.ts";
import { opening, primitives } from "../../intake/browser/primitives/chosen.ts";

const { hex, utf8, concat } = bytes;
const random = (count) => crypto.getRandomValues(new Uint8Array(count));

function unhex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

// The same bytes as the test's, in pieces that fit no chunk.
function* plaintext(size) {
  for (let at = 0; at < size; at += 40_009) {
    const length = Math.min(40_009, size - at);
    yield Uint8Array.from({ length }, (_, place) => ((at + place) * 31 + 7) >> 3);
  }
}

async function error(call) {
  try {
    await call();
    return "none";
  } catch (problem) {
    // By the class, whose name a bundle does not keep.
    const [name = problem.name] = Object.keys(errors).filter(
      (kind) => errors[kind] === problem.constructor,
    );
    return name;
  }
}

async function filing(text) {
  const secret = new derive.FilingSecret(unhex(text));
  return {
    case: await secret.case(),
    receipt: await secret.receipt(),
    digest: hex(await secret.digest(utf8("form"), utf8(""), utf8("é"))),
    nothing: hex(await secret.digest()),
    noMailbox: hex(await secret.noMailbox()),
    noteKey: hex(await secret.noteKey("inv")),
  };
}

async function witness({ filing: text, programme, entry }) {
  const receipt = await new derive.FilingSecret(unhex(text)).receipt();
  const keys = await derive.WitnessKeys.of(receipt, programme);
  const messageKey = await keys.messageKey("inv");
  return {
    entry: await keys.entry("report", "inv"),
    addition: await keys.addition("new", 12),
    digest: hex(await keys.digest(utf8("one"), utf8("two"))),
    token: hex(await keys.mailboxToken()),
    mailbox: hex(await keys.mailbox()),
    recipient: hex(await keys.recipient()),
    identity: age.identityText(await keys.seed()),
    stub: await keys.stub(),
    messageKey: hex(messageKey),
    mac: (await derive.authenticate(entry, messageKey)).mac,
  };
}

async function sealed({ entry, recipients }) {
  const { header, payload } = await age.seal(encode(entry), recipients.map(unhex), random);
  return { header: hex(header), payload: hex(payload) };
}

async function evidence({ size, seed }) {
  const fileKey = random(stream.FILE_KEY_SIZE);
  const header = await age.makeHeader(fileKey, [await age.recipientOf(unhex(seed))], random);
  const nonce = random(stream.NONCE_SIZE);
  const parts = [header, nonce];
  const key = await stream.payloadKey(fileKey, nonce);
  for await (const chunk of stream.sealChunks(key, plaintext(size))) {
    parts.push(chunk);
  }
  return {
    file: hex(concat(...parts)),
    digest: hex(await evidenceDigest(plaintext(size))),
  };
}

// With counted bytes for random ones: exact, but for a browser's own ML-KEM, which draws its own.
async function counted({ seeds, plaintext: text }) {
  let drawn = 0;
  const count = (size) => Uint8Array.from({ length: size }, () => drawn++);
  const recipients = await Promise.all(seeds.map((seed) => age.recipientOf(unhex(seed))));
  const { header, payload } = await age.seal(utf8(text), recipients, count);
  return { header: new TextDecoder().decode(header), payload: hex(payload) };
}

// The most pieces, of half a chunk each, that were taken but not yet handed out sealed.
async function held(count) {
  let taken = 0;
  let most = 0;
  function* halves() {
    for (; taken < count; ) {
      taken += 1;
      yield new Uint8Array(32 * 1024);
    }
  }
  let given = 0;
  for await (const _ of stream.sealChunks(random(32), halves())) {
    most = Math.max(most, taken - given);
    given += 2;
  }
  return most;
}

// Makes that are wrong in one answer, or lack one: none may pass for good.
async function spoiled() {
  const wrong = {
    kemPublic: async () => new Uint8Array(1184),
    encapsulate: async () => ({ secret: random(32), ciphertext: new Uint8Array(1088) }),
    exchange: async () => new Uint8Array(32),
    cipher: async () => async () => new Uint8Array(80),
  };
  const lacking = ["kemPublic", "encapsulate", "decapsulate", "exchange", "cipher"];
  const makes = [
    ...Object.entries(wrong).map(([name, call]) => ({ ...primitives, [name]: call })),
    ...lacking.map((name) => ({ ...primitives, [name]: undefined })),
  ];
  return Promise.all(makes.map(works));
}

// What stands in a file, or why it is not opened; then what is read of it.
async function read({ header, payload, seed, key = "" }) {
  try {
    const sealed = { header: unhex(header), payload: unhex(payload) };
    const plain = await open(sealed, unhex(seed));
    if (!key) {
      return { plain: hex(plain) };
    }
    const entry = parse(plain);
    const { mac } = await derive.authenticate(entry, unhex(key));
    return { entry, isAuthentic: mac === entry.mac };
  } catch (problem) {
    return { code: problem.code ?? "", error: await error(() => Promise.reject(problem)) };
  }
}

// After how many bytes of a header a file was opened all the same.
async function cut({ header, payload, seed }) {
  const opened = [];
  for (let end = 0; end <= header.length / 2; end += 1) {
    const sealed = { header: unhex(header.slice(0, 2 * end)), payload: unhex(payload) };
    if ((await error(() => open(sealed, unhex(seed)))) !== "OpenError") {
      opened.push(end);
    }
  }
  return opened;
}

async function parsed(text) {
  try {
    return { entry: parse(unhex(text)) };
  } catch (problem) {
    return { error: await error(() => Promise.reject(problem)) };
  }
}

// Makes that open what was altered, or do not open what was sealed.
const spoiledOpenings = [
  { decipher: async () => async (_, sealed) => sealed.slice(0, -16) },
  { decipher: async () => async () => new Uint8Array(32) },
  { decipher: async () => () => Promise.reject(new Error("no")) },
  {},
];

export async function perform(task) {
  const all = (cases, call) => Promise.all((cases ?? []).map(call));
  const fileKey = random(16);
  return {
    detect: await works(native),
    works: await works(primitives),
    spoiled: await spoiled(),
    opens: await opens(primitives, opening),
    mayOpen: await Promise.all(spoiledOpenings.map((one) => opens(primitives, one))),
    read: await all(task.files, read),
    cut: await all(task.cuts, cut),
    parsed: await all(task.plain, parsed),
    sha3: await all(task.messages, (text) => hex(keccak.sha3(unhex(text)))),
    shake256: await all(task.messages, (text) => hex(keccak.shake256(unhex(text), 96))),
    filings: await all(task.filings, filing),
    witnesses: await all(task.witnesses, witness),
    bound: await all(task.mailboxes, (mailbox) => derive.caseOf(unhex(mailbox))),
    sealed: await all(task.entries, sealed),
    evidence: await all(task.evidence, evidence),
    counted: await all(task.counted, counted),
    held: await held(20),
    refused: await all(task.refused, (text) =>
      error(() => age.makeHeader(fileKey, [unhex(text)], random)),
    ),
    nobody: await error(() => age.makeHeader(fileKey, [], random)),
    shortSecret: await error(() => new derive.FilingSecret(new Uint8Array(31))),
    shortSeed: [
      await error(() => age.recipientOf(new Uint8Array(31))),
      await error(() => age.identityText(new Uint8Array(33))),
    ],
  };
}
