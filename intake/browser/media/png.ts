// PNG: chunks. Source: W3C Portable Network Graphics, third edition.
//
// Kept are the chunks that change what is seen. Any other becomes `zeRo`, an ancillary and private
// chunk of zeros that readers pass over; an orientation stays as the only entry of `eXIf`.

import { type Bytes, big, four, fromBytes, words } from "./bytes.ts";
import { codeOf } from "./codes.ts";
import { type Draft, text } from "./draft.ts";
import * as exif from "./exif.ts";
import { DamagedError, SMALL } from "./source.ts";
import * as xmp from "./xmp.ts";

const SIGNATURE_SIZE = 8;
// Length, type and checksum of a chunk.
const FRAME = 12;
const KEPT = words(
  "IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV mDCv cLLI cLLi bKGD hIST pHYs" +
    " acTL fcTL fdAT",
);
const TEXTS = words("tEXt zTXt iTXt");
const BLANK = "zeRo";

/** Gathers what a PNG reveals; nothing is left over, so no warning. Throws DamagedError. */
export async function clean(draft: Draft): Promise<string> {
  let offset = SIGNATURE_SIZE;
  let kind = "";
  while (kind !== "IEND") {
    draft.step();
    const head = await draft.at(offset, 8);
    const length = big(head.slice(0, 4));
    kind = head.slice(4);
    if (length > draft.size - offset - FRAME || (kind === "IEND" && length)) {
      throw new DamagedError();
    }
    if (!KEPT.has(kind)) {
      // A type that readers may pass over.
      if (!/^[a-z][A-Za-z]{3}$/.test(kind)) throw new DamagedError();
      await chunk(draft, offset + 4, length);
    }
    offset += length + FRAME;
  }
  await draft.wipeRest(offset);
  return "";
}

async function chunk(draft: Draft, offset: number, length: number): Promise<void> {
  const kind = await draft.at(offset, 4);
  const data = await draft.head(offset + 4, Math.min(length, SMALL));
  let kept = "";
  if (kind === "eXIf") kept = exif.neutral(exif.read(draft, data), length);
  else if (kind !== BLANK) tell(draft, kind, data);
  const begin = (kept ? kind : BLANK) + kept;
  const end = offset + 4 + length;
  await draft.write(offset, begin, end);
  await draft.write(end, four(checksum(begin, length + 4)));
}

function tell(draft: Draft, kind: Bytes, data: Bytes): void {
  if (kind === "tIME" && data.length === 7) {
    const parts = [...fromBytes(data.slice(2))].map((part) => String(part).padStart(2, "0"));
    draft.find("taken", [big(data.slice(0, 2)), ...parts].join("-"));
  } else if (TEXTS.has(kind)) {
    const keyword = text(data.slice(0, 80));
    const value = data.slice(data.indexOf("\0") + 1);
    // The text comes last, unless it is compressed, as a flag says or the type.
    if (kind === "zTXt" || (kind === "iTXt" && !value.startsWith("\0"))) {
      draft.find(codeOf(keyword), keyword);
    } else if (!xmp.read(draft, value)) {
      draft.find(codeOf(keyword), `${keyword}: ${text(value.slice(value.lastIndexOf("\0") + 1))}`);
    }
  } else {
    draft.find("other", kind);
  }
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
