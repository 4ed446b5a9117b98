/**
 * HPKE (RFC 9180), one message in base mode: MLKEM768-X25519, HKDF-SHA256, ChaCha20-Poly1305.
 *
 * Source: draft-ietf-hpke-pq and, for the combiner, draft-connolly-cfrg-xwing-kem; the suite of
 * age's hybrid stanza. Rules: a key of low order, whose secret everyone knows, is refused; a
 * secret seals one message, so its nonce is used once.
 */
import { opening, primitives } from "../primitives/chosen.ts";
import { type Bytes, concat, type Random, utf8 } from "../bytes.ts";
import { KeyTextError } from "../errors.ts";
import { hmac } from "../primitives/hashing.ts";
import { sha3, shake256 } from "../primitives/keccak.ts";
import { expand } from "./hkdf.ts";

// FIPS 203 and RFC 7748.
const KEM_PUBLIC = 1184;
const KEM_SEED = 64;
const KEM_CIPHERTEXT = 1088;
const KEM_RANDOM = 32;
const POINT = 32;
export const RECIPIENT_SIZE = KEM_PUBLIC + POINT;
export const SEED_SIZE = 32;
export const ENCAPSULATED_SIZE = KEM_CIPHERTEXT + POINT;

// The draft's numbers of KEM, KDF and AEAD behind RFC 9180's prefix.
const SUITE = concat(utf8("HPKE"), Uint8Array.of(0x64, 0x7a, 0, 1, 0, 3));
const VERSION = utf8("HPKE-v1");
const MODE_BASE = Uint8Array.of(0);
const NONE = new Uint8Array(0);
const KEY_SIZE = 32;
const NONCE_SIZE = 12;

// The combiner's label, six characters that look like a sleeping cross.
const LABEL = utf8("\\.//^\\");
const BASE_POINT = Uint8Array.from({ length: POINT }, (_, at) => (at === 0 ? 9 : 0));

/** Return the public half, 1216 bytes, of the identity `seed`, 32 bytes. */
export async function publicKey(seed: Bytes): Promise<Bytes> {
  if (seed.length !== SEED_SIZE) {
    throw new KeyTextError("the identity has a wrong length");
  }
  const expanded = shake256(seed, KEM_SEED + POINT);
  return concat(
    await primitives.kemPublic(expanded.slice(0, KEM_SEED)),
    await exchange(expanded.slice(KEM_SEED), BASE_POINT),
  );
}

/** Return the encapsulated key, 1120 bytes, and `plaintext` sealed. Raises KeyTextError. */
export async function seal(
  recipient: Bytes,
  info: Bytes,
  plaintext: Bytes,
  random: Random,
): Promise<{ encapsulated: Bytes; sealed: Bytes }> {
  const { secret, encapsulated } = await encapsulate(recipient, random);
  const { key, nonce } = await schedule(secret, info);
  const cipher = await primitives.cipher(key);
  return { encapsulated, sealed: await cipher(nonce, plaintext) };
}

/**
 * Return what was sealed for the identity `seed`, or null where it was sealed for another. Raises
 * KeyTextError where the encapsulated key is one that everyone knows, or none.
 */
export async function open(
  seed: Bytes,
  info: Bytes,
  encapsulated: Bytes,
  sealed: Bytes,
): Promise<Bytes | null> {
  if (seed.length !== SEED_SIZE || encapsulated.length !== ENCAPSULATED_SIZE) {
    throw new KeyTextError("the identity or the encapsulated key has a wrong length");
  }
  const expanded = shake256(seed, KEM_SEED + POINT);
  const scalar = expanded.slice(KEM_SEED);
  const share = encapsulated.slice(KEM_CIPHERTEXT);
  const shared = await exchange(scalar, share);
  // Of a ciphertext for another key ML-KEM makes a secret all the same: it opens nothing.
  const kem = await primitives.decapsulate(
    expanded.slice(0, KEM_SEED),
    encapsulated.slice(0, KEM_CIPHERTEXT),
  );
  const point = await exchange(scalar, BASE_POINT);
  const { key, nonce } = await schedule(combine(kem, shared, share, point), info);
  const decipher = await opening.decipher(key);
  return decipher(nonce, sealed).catch(() => null);
}

/** Return the key and the only nonce of a message (RFC 9180, section 5.1). */
async function schedule(secret: Bytes, info: Bytes): Promise<{ key: Bytes; nonce: Bytes }> {
  const context = concat(
    MODE_BASE,
    await labeledExtract(NONE, "psk_id_hash", NONE),
    await labeledExtract(NONE, "info_hash", info),
  );
  const extracted = await labeledExtract(secret, "secret", NONE);
  return {
    key: await labeledExpand(extracted, "key", context, KEY_SIZE),
    nonce: await labeledExpand(extracted, "base_nonce", context, NONCE_SIZE),
  };
}

function combine(kem: Bytes, shared: Bytes, share: Bytes, point: Bytes): Bytes {
  return sha3(concat(kem, shared, share, point, LABEL));
}

/** Return a secret of both kinds: whoever breaks only one of them does not learn it. */
async function encapsulate(
  recipient: Bytes,
  random: Random,
): Promise<{ secret: Bytes; encapsulated: Bytes }> {
  if (recipient.length !== RECIPIENT_SIZE) {
    throw new KeyTextError("the recipient has a wrong length, get the page again");
  }
  const point = recipient.slice(KEM_PUBLIC);
  let kem;
  try {
    kem = await primitives.encapsulate(recipient.slice(0, KEM_PUBLIC), random(KEM_RANDOM));
  } catch {
    throw new KeyTextError("the recipient is no ML-KEM-768 key, get the page again");
  }
  const scalar = random(POINT);
  const share = await exchange(scalar, BASE_POINT);
  const shared = await exchange(scalar, point);
  const secret = combine(kem.secret, shared, share, point);
  return { secret, encapsulated: concat(kem.ciphertext, share) };
}

async function exchange(scalar: Bytes, point: Bytes): Promise<Bytes> {
  let shared: Bytes = NONE;
  try {
    shared = await primitives.exchange(scalar, point);
  } catch {
    // Treated like the zeros that some makes return instead.
  }
  if (shared.every((byte) => byte === 0)) {
    throw new KeyTextError("the recipient is a key everyone could open, get the page again");
  }
  return shared;
}

function labeledExtract(salt: Bytes, label: string, material: Bytes): Promise<Bytes> {
  return hmac(salt, concat(VERSION, SUITE, utf8(label), material));
}

async function labeledExpand(key: Bytes, label: string, info: Bytes, size: number): Promise<Bytes> {
  const labeled = concat(Uint8Array.of(0, size), VERSION, SUITE, utf8(label), info);
  return (await expand(key, labeled)).slice(0, size);
}
