// PDF and Office files: what they say of their maker. They are never cleaned.
//
// A document keeps names in many places (changes, comments, fonts, older versions), so removing
// the few that are found would promise too much. Sources: ISO 32000-1, PKWARE's APPNOTE, ECMA-376.

import { type Bytes, fromBytes, little, toBytes } from "./bytes.ts";
import { codeOf } from "./codes.ts";
import { type Draft, text, wideText } from "./draft.ts";
import { DamagedError, PIECE, type Source } from "./source.ts";
import * as xmp from "./xmp.ts";

const WARNING = "document";
// A name, and its string in parentheses or in hexadecimal digits.
const NAMED =
  /\/(Author|Creator|Producer|Title|CreationDate)[ \t\r\n]{0,9}(?:\(((?:[^\\()]|\\[^0-9]|\\[0-7]{3}){1,400})\)|<([0-9A-Fa-f]{2,800})>)/g;
const ESCAPED = /\\([0-7]{3}|[^0-7])/g;
const PARTS: ReadonlySet<Bytes> = new Set(["docProps/core.xml", "docProps/app.xml", "meta.xml"]);
const END_SIZE = 22;
const ENTRY_SIZE = 46;
const LOCAL_SIZE = 30;
const MAX_ENTRIES = 2000;
const DEFLATED = 8;

/** One file of an archive, as its directory at the end lists it; its size is compressed. */
export type Entry = {
  readonly name: Bytes;
  readonly method: number;
  readonly size: number;
  readonly offset: number;
};

/** Yields the files of a ZIP archive. Throws DamagedError. */
export async function* entries(source: Source): AsyncGenerator<Entry> {
  const begin = Math.max(0, source.size - PIECE - END_SIZE);
  const tail = await source.head(begin, PIECE + END_SIZE);
  const end = tail.lastIndexOf("PK\x05\x06");
  if (end < 0 || end + END_SIZE > tail.length) throw new DamagedError();
  const count = little(tail.slice(end + 10, end + 12));
  let offset = little(tail.slice(end + 16, end + 20));
  for (let left = Math.min(count, MAX_ENTRIES); left > 0; left--) {
    const head = await source.at(offset, ENTRY_SIZE);
    const field = (at: number, size: number): number => little(head.slice(at, at + size));
    const name = await source.at(offset + ENTRY_SIZE, field(28, 2));
    yield { name, method: field(10, 2), size: field(20, 4), offset: field(42, 4) };
    offset += ENTRY_SIZE + name.length + field(30, 2) + field(32, 2);
  }
}

/** Notes what an Office file in a ZIP says of its maker. Throws DamagedError. */
export async function warnOffice(draft: Draft): Promise<string> {
  for await (const entry of entries(draft)) {
    if (PARTS.has(entry.name) && entry.size <= PIECE) xmp.read(draft, await part(draft, entry));
  }
  return WARNING;
}

/** Notes what stands in plain text near the beginning and the end of a PDF. */
export async function warnPdf(draft: Draft): Promise<string> {
  for (const start of new Set([0, Math.max(0, draft.size - PIECE)])) {
    const data = await draft.head(start, PIECE);
    for (const [, name = "", string = "", digits = ""] of data.matchAll(NAMED)) {
      const value = digits
        ? digits.replace(/(..)|./g, (_, pair) => (pair ? code(pair, 16) : ""))
        : string.replace(ESCAPED, (_, escaped) => (escaped[2] ? code(escaped, 8) : escaped));
      const wide = value.startsWith("\xfe\xff");
      draft.find(codeOf(name), wide ? wideText(value.slice(2), "be") : text(value));
    }
    xmp.read(draft, data);
  }
  return WARNING;
}

function code(digits: string, base: number): Bytes {
  return String.fromCharCode(Number.parseInt(digits, base) & 0xff);
}

/** Returns a part's text, at most PIECE bytes, or nothing where it cannot be inflated. */
async function part(draft: Draft, entry: Entry): Promise<Bytes> {
  const head = await draft.at(entry.offset, LOCAL_SIZE);
  const before = little(head.slice(26, 28)) + little(head.slice(28, 30));
  const data = await draft.at(entry.offset + LOCAL_SIZE + before, entry.size);
  if (entry.method !== DEFLATED) return data;
  try {
    const stream = new Blob([fromBytes(data) as BlobPart])
      .stream()
      .pipeThrough(new DecompressionStream("deflate-raw"));
    const reader = stream.getReader();
    let inflated = "";
    while (inflated.length < PIECE) {
      const { done, value } = await reader.read();
      if (done) return inflated;
      inflated += toBytes(value);
    }
    await reader.cancel();
    return inflated.slice(0, PIECE);
  } catch {
    // Damaged, or an old browser: the warning stands without the words.
    return "";
  }
}
