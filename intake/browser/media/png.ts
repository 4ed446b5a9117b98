// PNG: chunks. Source: W3C Portable Network Graphics, third edition.
//
// Kept are the chunks that change what is seen. Any other becomes `zeRo`, an ancillary and private
// chunk of zeros that readers pass over; an orientation stays as the only entry of `eXIf`.

import { type Bytes, big, four, words } from "./bytes.ts";
import { codeOf } from "./codes.ts";
import { type Draft, text } from "./draft.ts";
import * as exif from "./exif.ts";
import { DamagedError, SMALL, type Source } from "./source.ts";
import * as xmp from "./xmp.ts";

const SIGNATURE_SIZE = 8;
// Length, type and checksum of a chunk.
const FRAME = 12;
const KEPT = words(
  "IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV mDCv cLLI cLLi bKGD hIST pHYs" +
    " acTL fcTL fdAT",
);
const BLANK = "zeRo";

/** Gathers what a PNG reveals; nothing is left over, so no warning. Throws DamagedError. */
export async function clean(source: Source, draft: Draft): Promise<string> {
  let offset = SIGNATURE_SIZE;
  let kind = "";
  while (kind !== "IEND") {
    source.step();
    const head = await source.at(offset, 8);
    const length = big(head.slice(0, 4));
    kind = head.slice(4);
    if (!/^[A-Za-z]{4}$/.test(kind) || length > source.size - offset - FRAME) {
      throw new DamagedError();
    }
    if (kind === "IEND" && length) throw new DamagedError();
    if (!KEPT.has(kind)) {
      // No reader may pass over a chunk whose type begins with a capital.
      if (kind < "a") throw new DamagedError();
      await chunk(source, draft, offset + 4, length);
    }
    offset += length + FRAME;
  }
  if (await draft.wipe(offset, source.size)) {
    draft.find("other", `${source.size - offset} bytes after the picture`);
  }
  return "";
}

async function chunk(source: Source, draft: Draft, offset: number, length: number): Promise<void> {
  const kind = await source.at(offset, 4);
  const data = await source.head(offset + 4, Math.min(length, SMALL));
  let kept = "";
  if (kind === "eXIf") kept = exif.neutral(exif.read(draft, data), length);
  else if (kind !== BLANK) tell(draft, kind, data);
  const begin = (kept ? kind : BLANK) + kept;
  const end = offset + 4 + length;
  await draft.write(offset, begin, end);
  await draft.write(end, four(checksum(begin, length + 4)));
}

function tell(draft: Draft, kind: Bytes, data: Bytes): void {
  const keyword = data.slice(0, 80).split("\0", 1)[0] ?? "";
  const value = data.slice(keyword.length + 1);
  const code = codeOf(text(keyword));
  if (kind === "tEXt") draft.find(code, `${text(keyword)}: ${text(value)}`);
  else if (kind === "zTXt") draft.find(code, text(keyword));
  else if (kind === "iTXt") tellInternational(draft, code, keyword, value);
  else if (kind === "tIME" && data.length === 7) {
    const [month, day, hour, minute, second] = [2, 3, 4, 5, 6].map((index) =>
      String(data.charCodeAt(index)).padStart(2, "0"),
    );
    draft.find("taken", `${big(data.slice(0, 2))}-${month}-${day} ${hour}:${minute}:${second}`);
  } else draft.find("other", kind);
}

function tellInternational(draft: Draft, code: string, keyword: Bytes, value: Bytes): void {
  // Flag and method of compression, language, translated keyword, text.
  const parts = value.slice(2).split("\0");
  const words = parts.slice(2).join("\0");
  if (!value.startsWith("\0") || parts.length < 3) draft.find(code, text(keyword));
  else if (keyword !== "XML:com.adobe.xmp") draft.find(code, `${text(keyword)}: ${text(words)}`);
  else if (!xmp.read(draft, words)) draft.find("other", "XMP");
}

/** Returns the CRC-32 of `begin` and zeros up to `size` bytes. */
function checksum(begin: Bytes, size: number): number {
  let crc = -1;
  for (let i = 0; i < begin.length; i++) {
    crc ^= begin.charCodeAt(i);
    for (let bit = 0; bit < 8; bit++) crc = times(crc, X);
  }
  // A zero byte multiplies by x^8; so many of them by a power of that, by squaring.
  let power = X;
  for (let bit = 0; bit < 3; bit++) power = times(power, power);
  for (let left = size - begin.length; left > 0; left = Math.floor(left / 2)) {
    if (left % 2) crc = times(crc, power);
    power = times(power, power);
  }
  return ~crc;
}

// Polynomials over two elements, the highest bit the lowest power, as CRC-32 has them.
const X = 1 << 30;

function times(one: number, other: number): number {
  let sum = 0;
  let shifted = other;
  for (let bit = 31; bit >= 0; bit--) {
    if ((one >>> bit) & 1) sum ^= shifted;
    shifted = (shifted >>> 1) ^ (shifted & 1 ? 0xedb88320 : 0);
  }
  return sum;
}
