/**
 * One sealed file: its header and payload, and the entry inside; as `intake open` takes it.
 *
 * Rules: nothing of an entry is handed out before all of it is authentic; what is inside must equal
 * what its name says that it was filed under; each way in which it can be wrong has its own code.
 */
import type { Bytes } from "../bytes.ts";
import { VERSION_LINE } from "../crypto/age.ts";
import { openWhole, read } from "../crypto/chunks.ts";
import { fileKeyOf, HEADER } from "../crypto/open.ts";
import { isByPassphrase } from "../crypto/passphrase.ts";
import { CHUNK_SIZE, NONCE_SIZE, TAG_SIZE } from "../crypto/stream.ts";
import { type Found, parse } from "../core/entries.ts";
import { WITNESS } from "../core/entry.ts";
import { AsideError, EntryError, OpenError } from "../errors.ts";
import type { Facts } from "./facts.ts";

/** A file by its name. */
export interface Named {
  readonly name: string;
  readonly content: Blob;
}

/** The two parts of a sealed file. */
export interface Parts {
  readonly header: Bytes;
  readonly payload: Blob;
}

// As in intake.core.limits: the buckets of entries.
const FLOOR = 4 * 1024;
const CEILING = 1024 * 1024;
const LARGEST = NONCE_SIZE + CEILING + (CEILING / CHUNK_SIZE) * TAG_SIZE;

const NAME = /^([0-9a-f]{32})\.([a-z]+)\.([a-z0-9-]+)\.([0-9a-f]{32})\.age$/;

/** Return header and payload of a sealed file. Raises AsideError. */
export async function parts(file: Blob): Promise<Parts> {
  if (file.size === 0) {
    throw new AsideError("empty");
  }
  const start = await read(file, 0, HEADER);
  const text = String.fromCharCode(...start);
  if (!text.startsWith(VERSION_LINE)) {
    throw new AsideError(VERSION_LINE.startsWith(text) ? "cut" : "not_age");
  }
  if (isByPassphrase(text)) {
    throw new AsideError("by_passphrase");
  }
  if (text.startsWith(`${VERSION_LINE}-> X25519 `)) {
    throw new AsideError("classic_file");
  }
  const dashes = text.indexOf("\n--- ");
  const end = dashes < 0 ? 0 : text.indexOf("\n", dashes + 1) + 1;
  if (end === 0) {
    throw new AsideError(start.length < HEADER ? "cut" : "altered");
  }
  return { header: start.slice(0, end), payload: file.slice(end) };
}

/** Return the file key that a header gives to one of these identities. Raises AsideError. */
export async function keyOf(header: Bytes, seeds: readonly Bytes[]): Promise<Bytes> {
  for (const seed of seeds) {
    try {
      return await fileKeyOf(header, seed);
    } catch (error) {
      if (!(error instanceof OpenError)) {
        throw error;
      }
      if (error.code !== "closed") {
        throw new AsideError("altered");
      }
    }
  }
  throw new AsideError("closed");
}

/** Return the entry in a sealed file. Raises AsideError. */
export async function openEntry(
  { name, content }: Named,
  seeds: readonly Bytes[],
  facts: Facts,
): Promise<Found> {
  const { header, payload } = await parts(content);
  const fileKey = await keyOf(header, seeds);
  const isEntry = isBucket(payload.size);
  if (!isEntry && payload.size > LARGEST) {
    throw new AsideError("not_entry");
  }
  let plain: Bytes;
  try {
    plain = await openWhole(fileKey, payload);
  } catch (error) {
    const isRead = error instanceof AsideError && error.code !== "unreadable";
    // A file cut off anywhere has a length that no entry has.
    throw isRead ? new AsideError(isEntry ? "altered" : "cut") : error;
  }
  const found = parsed(plain);
  const filed = NAME.exec(name);
  if (filed) {
    check(found, filed, facts);
  }
  return found;
}

function parsed(plain: Bytes): Found {
  try {
    return parse(plain);
  } catch (error) {
    throw error instanceof EntryError ? new AsideError("not_entry") : error;
  }
}

/** Raise AsideError unless the entry is what it was filed as; `filed` are the parts of its name. */
function check(found: Found, filed: readonly string[], { programme, offices }: Facts): void {
  const [, ofCase, kind, reader, id] = filed;
  if (found.programme !== programme) {
    throw new AsideError("programme");
  }
  if (found.case !== ofCase || found.kind !== kind || found.id !== id) {
    throw new AsideError("misplaced");
  }
  const readBy = offices.find((office) => office.id === found.office)?.reader;
  const isHers = found.kind === "reply" ? readBy !== undefined : found.office === WITNESS;
  if (reader === WITNESS ? !isHers : readBy !== reader) {
    throw new AsideError("office");
  }
}

/** Whether a payload of this size can be that of a padded entry. */
function isBucket(size: number): boolean {
  const sealed = size - NONCE_SIZE;
  const plain = sealed - Math.ceil(sealed / (CHUNK_SIZE + TAG_SIZE)) * TAG_SIZE;
  return FLOOR <= plain && plain <= CEILING && Number.isInteger(Math.log2(plain));
}
