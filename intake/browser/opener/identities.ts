/**
 * The identities in a file, which may be sealed with a passphrase; as `intake.crypto.unseal`.
 *
 * Rules: one a line, with empty lines and `#` comments; a classic one opens nothing of a case and
 * is passed over where another stands beside it; no secret is ever part of an error.
 */
import type { Bytes } from "../bytes.ts";
import { decode as unarmored, isArmored } from "../crypto/armor.ts";
import { VERSION_LINE } from "../crypto/age.ts";
import { decode } from "../crypto/bech32.ts";
import { read } from "../crypto/chunks.ts";
import { SEED_SIZE } from "../crypto/hpke.ts";
import { isByPassphrase, open } from "../crypto/passphrase.ts";
import { AsideError, KeyTextError, OpenError } from "../errors.ts";

// As in intake.cli.age: a thousand identities, and no device.
const LARGEST = 1024 * 1024;
// As much white space as armor lets pass, and its first line after it.
const START = 2048;
const HYBRID = "AGE-SECRET-KEY-PQ-";
const CLASSIC = "AGE-SECRET-KEY-";

/** Whether a file is sealed, so that a passphrase has to be typed. Raises AsideError. */
export async function isSealed(file: Blob): Promise<boolean> {
  return isAge(letters(await read(file, 0, START)).trimStart());
}

/** Whether a file looks like one of identities, and not like a sealed report. */
export async function isIdentities(file: Blob): Promise<boolean> {
  const start = letters(await read(file, 0, START)).trimStart();
  return isByPassphrase(start) || isArmored(start) || /^(#.*\s*)*AGE-SECRET-KEY-/.test(start);
}

/**
 * Return the seeds of the identities in a file; `tell` hears how much of the work that a
 * passphrase takes is done, up to 1. Raises AsideError.
 */
export async function openIdentities(
  file: Blob,
  passphrase: string,
  tell: (share: number) => void,
): Promise<readonly Bytes[]> {
  if (file.size > LARGEST) {
    throw new AsideError("identity_large");
  }
  const data = await read(file, 0, LARGEST);
  const start = letters(data.subarray(0, START)).trimStart();
  return seeds(isAge(start) ? await unsealed(data, passphrase, tell) : data);
}

function isAge(start: string): boolean {
  return start.startsWith(VERSION_LINE) || isArmored(start);
}

async function unsealed(
  data: Bytes,
  passphrase: string,
  tell: (share: number) => void,
): Promise<Bytes> {
  try {
    const binary = isArmored(letters(data.subarray(0, START))) ? unarmored(letters(data)) : data;
    if (letters(binary.subarray(0, START)).startsWith(`${VERSION_LINE}-> `)) {
      refuseOthers(binary);
    }
    if (passphrase === "") {
      throw new AsideError("passphrase_needed");
    }
    return await open(binary, passphrase, tell);
  } catch (error) {
    if (error instanceof OpenError) {
      throw new AsideError(error.code === "closed" ? "passphrase_wrong" : "identity_damaged");
    }
    throw error instanceof RangeError ? new AsideError("memory") : error;
  }
}

/** Refuse what is sealed, but not with a passphrase. Raises AsideError. */
function refuseOthers(data: Bytes): void {
  if (!isByPassphrase(letters(data.subarray(0, START)))) {
    throw new AsideError("identity_other");
  }
}

function seeds(data: Bytes): readonly Bytes[] {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    throw new AsideError("identity_text");
  }
  const found: Bytes[] = [];
  let hasClassic = false;
  // A line ends with a line feed only, as in other tools.
  text.split("\n").forEach((line, at) => {
    if (line.trim() === "" || line.startsWith("#")) {
      return;
    }
    const { hrp, data: secret } = decoded(line.trim(), at + 1);
    hasClassic ||= hrp === CLASSIC;
    if (hrp === HYBRID) {
      found.push(secret);
    }
  });
  if (found.length === 0) {
    throw new AsideError(hasClassic ? "classic" : "identity_none");
  }
  return found;
}

/** Return an identity of either kind. Raises AsideError, which names the line. */
function decoded(text: string, line: number): { hrp: string; data: Bytes } {
  let found: { hrp: string; data: Bytes };
  try {
    found = decode(text);
  } catch (error) {
    throw error instanceof KeyTextError ? wrongLine(text, line) : error;
  }
  if (![HYBRID, CLASSIC].includes(found.hrp) || found.data.length !== SEED_SIZE) {
    throw wrongLine(text, line);
  }
  return found;
}

/** A line that nobody would take for an identity is of another file altogether. */
function wrongLine(text: string, line: number): AsideError {
  return new AsideError(/^age-secret-key-/i.test(text) ? "identity_line" : "identity_text", line);
}

/** Return bytes as characters U+0000 to U+00FF. */
function letters(data: Uint8Array): string {
  let text = "";
  // In pieces, since a call takes only so many arguments.
  for (let at = 0; at < data.length; at += 4096) {
    text += String.fromCharCode(...data.subarray(at, at + 4096));
  }
  return text;
}
