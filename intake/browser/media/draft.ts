// What an inspection gathers: findings to show, and patches that make the cleaned copy.
//
// Rules kept here:
// - A finding is short and printable, whatever the file holds, and is told once.
// - A patch never makes a file longer or shorter, and is made only where it changes something.
// - Patches are handed out in order and apart from each other, or not at all.

import { type Bytes, fromBytes } from "./bytes.ts";
import { DamagedError, Source } from "./source.ts";

const MAX_VALUE = 200;
const MAX_FINDINGS = 64;
const MAX_PATCHES = 8192;

// Controls, invisible and direction-changing characters, private ones, and what stands for
// bytes that are no text.
const UNPRINTABLE = new RegExp(
  "[\\0-\\x20\\x7f-\\xa0\\xad\\u061c\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f" +
    "\\u3000\\ud800-\\uf8ff\\ufeff\\ufff0-\\uffff\\u{e0000}-\\u{10ffff}]+",
  "gu",
);

/** Something a file says about its maker: a stable code, and its words to show. */
export type Finding = { readonly code: string; readonly value: string };

/** Overwrites from `offset` with `data`, then with `zeros` zero bytes. */
export type Patch = { readonly offset: number; readonly data: Uint8Array; readonly zeros: number };

function endOf(patch: Patch): number {
  return patch.offset + patch.data.length + patch.zeros;
}

export class Draft extends Source {
  /** How often something was found, repetitions included. */
  told = 0;
  readonly findings: Finding[] = [];
  readonly #patches: Patch[] = [];

  /** Notes what a file says, unless it says nothing. */
  find(code: string, value: string): void {
    const shown = printable(value);
    if (!shown) return;
    this.told++;
    const known = this.findings.some((other) => other.code === code && other.value === shown);
    if (!known && this.findings.length < MAX_FINDINGS) this.findings.push({ code, value: shown });
  }

  /** Overwrites with `data`, and with zeros up to `end`; returns whether that changes anything.
   * Throws DamagedError. */
  async write(offset: number, data: Bytes, end = 0): Promise<boolean> {
    const tail = offset + data.length;
    const zeros = Math.max(0, end - tail);
    if ((await this.at(offset, data.length)) === data && (await this.blank(tail, zeros))) {
      return false;
    }
    if (tail + zeros > this.size || this.#patches.length >= MAX_PATCHES) throw new DamagedError();
    this.#patches.push({ offset, data: fromBytes(data), zeros });
    return true;
  }

  /** Overwrites a region with zeros; returns whether it held anything else. */
  wipe(offset: number, end: number): Promise<boolean> {
    return this.write(offset, "", end);
  }

  /** Overwrites what follows the last part of a file, a second picture perhaps. */
  async wipeRest(offset: number): Promise<void> {
    const beginning = await this.head(Math.min(offset, this.size), 3);
    if (offset < this.size && (await this.wipe(offset, this.size))) {
      const code = beginning === "\xff\xd8\xff" ? "thumbnail" : "other";
      this.find(code, `${this.size - offset} bytes after the end`);
    }
  }

  /** Returns the patches in order. Throws DamagedError where two of them meet. */
  patches(): readonly Patch[] {
    const ordered = this.#patches.sort((one, other) => one.offset - other.offset);
    ordered.reduce((end, patch) => {
      if (end > patch.offset) throw new DamagedError();
      return endOf(patch);
    }, 0);
    return ordered;
  }
}

/** Returns the bytes of a file from `offset` as they stand in its cleaned copy. */
export function apply(patches: readonly Patch[], offset: number, piece: Uint8Array): Uint8Array {
  const end = offset + piece.length;
  const index = patches.findIndex((patch) => endOf(patch) > offset);
  const first = patches[index];
  if (!first || first.offset >= end) return piece;
  const cleaned = piece.slice();
  for (const patch of patches.slice(index)) {
    if (patch.offset >= end) break;
    const start = Math.max(offset, patch.offset);
    const stop = Math.min(end, endOf(patch));
    cleaned.fill(0, start - offset, stop - offset);
    cleaned.set(patch.data.subarray(start - patch.offset, stop - patch.offset), start - offset);
  }
  return cleaned;
}

/** Returns a value on one line, without characters that cannot be seen, at most 200 long. */
function printable(value: string): string {
  const line = value.replace(UNPRINTABLE, " ").replace(/^ | $/g, "");
  return [...line].slice(0, MAX_VALUE).join("");
}

/** Returns the text before the first NUL: UTF-8, or else Latin-1 as old cameras write. */
export function text(data: Bytes): string {
  let end = data.indexOf("\0");
  if (end < 0) end = data.length;
  if (end > MAX_VALUE * 4) {
    end = MAX_VALUE * 4;
    // Not within a character.
    while ((data.charCodeAt(end) & 0xc0) === 0x80 && end > MAX_VALUE) end--;
  }
  const cut = data.slice(0, end);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromBytes(cut));
  } catch {
    return cut;
  }
}

/** Returns UTF-16 text, `order` being "le" or "be". */
export function wideText(data: Bytes, order: "le" | "be"): string {
  const cut = fromBytes(data.slice(0, Math.min(data.length & ~1, MAX_VALUE * 2)));
  return new TextDecoder(`utf-16${order}`, { ignoreBOM: true }).decode(cut);
}
