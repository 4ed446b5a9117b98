/**
 * Files in age's format for post-quantum recipients, whose keys come as 1216 bytes.
 *
 * Source: C2SP age specification, sections "Header" and "The hybrid post-quantum recipient
 * type". Rules: header and payload are kept apart, and together are a standard age file; one
 * file key seals one payload, ever.
 */
import { base64, type Bytes, hex, type Random, utf8 } from "../bytes.ts";
import { KeyTextError } from "../errors.ts";
import { hmac, sha256 } from "../primitives/hashing.ts";
import { encode } from "./bech32.ts";
import { deriveKey } from "./hkdf.ts";
import { publicKey, seal as sealTo, SEED_SIZE } from "./hpke.ts";
import { FILE_KEY_SIZE, NONCE_SIZE, sealPayload } from "./stream.ts";

export const VERSION_LINE = "age-encryption.org/v1\n";
export const INFO = utf8("age-encryption.org/mlkem768x25519");

/** A sealed entry: what the server stores, apart. */
export interface Sealed {
  readonly header: Bytes;
  readonly payload: Bytes;
}

/** Return the plaintext sealed to the recipients under a fresh file key. Raises KeyTextError. */
export async function seal(
  plaintext: Bytes,
  recipients: readonly Bytes[],
  random: Random,
): Promise<Sealed> {
  const fileKey = random(FILE_KEY_SIZE);
  const header = await makeHeader(fileKey, recipients, random);
  return { header, payload: await sealPayload(fileKey, random(NONCE_SIZE), plaintext) };
}

/** Return the header that gives `fileKey`, 16 bytes, to `recipients`. Raises KeyTextError. */
export async function makeHeader(
  fileKey: Bytes,
  recipients: readonly Bytes[],
  random: Random,
): Promise<Bytes> {
  if (recipients.length === 0) {
    throw new KeyTextError("there is no recipient, get the page again");
  }
  let header = VERSION_LINE;
  for (const recipient of recipients) {
    header += await stanza(fileKey, recipient, random);
  }
  header += "---";
  const mac = await hmac(await deriveKey(fileKey, new Uint8Array(0), utf8("header")), utf8(header));
  return utf8(`${header} ${unpadded(mac)}\n`);
}

/** Return the public half, 1216 bytes, of the identity `seed`, 32 bytes. */
export function recipientOf(seed: Bytes): Promise<Bytes> {
  return publicKey(seed);
}

/** Return the SHA-256 (hex) of a recipient's text, by which its key is known. */
export async function fingerprint(recipient: Bytes): Promise<string> {
  return hex(await sha256(utf8(encode("age1pq", recipient))));
}

/** Return the identity `seed`, 32 bytes, as the text that opens what was sealed to it. */
export function identityText(seed: Bytes): string {
  if (seed.length !== SEED_SIZE) {
    throw new KeyTextError("the identity has a wrong length");
  }
  return encode("age-secret-key-pq-", seed).toUpperCase();
}

async function stanza(fileKey: Bytes, recipient: Bytes, random: Random): Promise<string> {
  const { encapsulated, sealed } = await sealTo(recipient, INFO, fileKey, random);
  const body = unpadded(sealed);
  // The last line of a stanza is a short one, which 32 bytes always are.
  return `-> mlkem768x25519 ${unpadded(encapsulated)}\n${body}\n`;
}

/** Return base64 without its padding, as headers use it. */
export function unpadded(data: Uint8Array): string {
  return base64(data).replace(/=+$/, "");
}
