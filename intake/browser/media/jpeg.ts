// JPEG: segments before and between the scans, and what follows the picture.
//
// Kept: the picture, the JFIF header without its thumbnail, the ICC profile and Adobe's note on
// colours, all of which change what is seen. Everything else becomes zeros in its segment, which
// readers pass over as an unknown block; an orientation stays as the only entry of an Exif block.

import { type Bytes, big, filled } from "./bytes.ts";
import { type Draft, text } from "./draft.ts";
import * as exif from "./exif.ts";
import { DamagedError, PIECE } from "./source.ts";
import * as xmp from "./xmp.ts";

const EXIF = "Exif\0\0";
const JFIF_SIZE = 14;
const ADOBE_SIZE = 12;
const [SOS, EOI, COM] = [0xda, 0xd9, 0xfe];
const [APP0, APP2, APP14, APP15] = [0xe0, 0xe2, 0xee, 0xef];

/** Gathers what a JPEG reveals; nothing is left over, so no warning. Throws DamagedError. */
export async function clean(draft: Draft): Promise<string> {
  let offset = 2;
  let scanned = false;
  while (offset < draft.size) {
    // A file cut off among the coded data still shows a picture.
    if (scanned && draft.size - offset < 2) break;
    draft.step();
    const marker = big(await draft.at(offset, 2)) - 0xff00;
    if (marker < 0xc0) throw new DamagedError();
    if (marker === EOI && scanned) {
      await draft.wipeRest(offset + 2);
      return "";
    }
    if (marker === 0xff || (marker >= 0xd0 && marker <= 0xd7)) {
      offset += marker === 0xff ? 1 : 2;
      continue;
    }
    const length = big(await draft.at(offset + 2, 2));
    if (length < 2) throw new DamagedError();
    if (marker >= APP0 && (marker <= APP15 || marker === COM)) {
      await segment(draft, marker, offset + 4);
    }
    offset += 2 + length;
    if (marker === SOS) {
      scanned = true;
      offset = await codedEnd(draft, offset);
    }
  }
  if (!scanned) throw new DamagedError();
  return "";
}

async function segment(draft: Draft, marker: number, at: number): Promise<void> {
  const size = big(await draft.at(at - 2, 2)) - 2;
  const data = await draft.at(at, size);
  let kept = "";
  if (marker === APP0 && data.startsWith("JFIF\0") && size >= JFIF_SIZE) {
    // The two bytes are the width and height of its thumbnail.
    kept = data.slice(0, 12) + "\0\0";
    if (filled(data.slice(12))) draft.find("thumbnail", "JFIF");
  } else if (marker === APP2 && data.startsWith("ICC_PROFILE\0")) {
    return;
  } else if (marker === APP14 && data.startsWith("Adobe")) {
    kept = data.slice(0, ADOBE_SIZE);
    if (filled(data.slice(ADOBE_SIZE))) draft.find("other", "APP14");
  } else if (data.startsWith(EXIF)) {
    const block = data.slice(6);
    kept = exif.neutral(exif.read(draft, block), block.length);
    if (kept) kept = EXIF + kept;
  } else if (filled(data)) {
    tell(draft, marker, data);
  }
  await draft.write(at, kept, at + size);
}

function tell(draft: Draft, marker: number, data: Bytes): void {
  const before = draft.told;
  if (marker === COM) draft.find("comment", text(data));
  else if (data.startsWith("http://ns.adobe.com/xap/1.0/\0")) xmp.read(draft, data);
  if (draft.told === before) {
    draft.find("other", marker === COM ? "COM" : `APP${marker - APP0} ${text(data.slice(0, 40))}`);
  }
}

/** Returns where the next marker stands, or the end of the file. */
async function codedEnd(draft: Draft, start: number): Promise<number> {
  let offset = start;
  while (offset < draft.size) {
    const piece = await draft.view(offset, Math.min(PIECE, draft.size - offset));
    for (let at = piece.indexOf(0xff); at >= 0; at = piece.indexOf(0xff, at + 1)) {
      // Neither a stuffed zero, filling nor a restart; the last byte is seen with the next piece.
      const next = piece[at + 1];
      if (next && next !== 0xff && (next & 0xf8) !== 0xd0) return offset + at;
    }
    offset += Math.max(1, piece.length - Number(piece[piece.length - 1] === 0xff));
  }
  return draft.size;
}
