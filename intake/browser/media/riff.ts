// RIFF: WebP pictures and WAV sound. Source: RFC 9649; Microsoft's Multimedia Data Standards.
//
// Any chunk besides the picture or the sound becomes `JUNK`, the old name for a chunk of filling.

import { type Bytes, little, words } from "./bytes.ts";
import type { Draft } from "./draft.ts";
import * as exif from "./exif.ts";
import { DamagedError, SMALL } from "./source.ts";
import * as xmp from "./xmp.ts";

const HEADER = 12;
const FRAME = 8;
const BLANK = "JUNK";
const PICTURE: ReadonlySet<Bytes> = new Set(["VP8 ", ...words("VP8L VP8X ANIM ANMF ALPH ICCP")]);
const SOUND: ReadonlySet<Bytes> = new Set(["fmt ", "data", "fact"]);
const EXIF_FLAG = 0x08;
const XMP_FLAG = 0x04;

/** Gathers what a WebP or WAV reveals; nothing is left over, so no warning.
 * Throws DamagedError. */
export async function clean(draft: Draft): Promise<string> {
  const header = await draft.head(0, HEADER);
  const kept = header.endsWith("WEBP") ? PICTURE : SOUND;
  let end = Math.min(FRAME + little(header.slice(4, 8)), draft.size);
  if (end <= HEADER) end = draft.size;
  let [offset, flags, turned] = [HEADER, 0, false];
  while (offset < end) {
    draft.step();
    const head = await draft.at(offset, FRAME);
    const kind = head.slice(0, 4);
    const length = little(head.slice(4));
    const body = offset + FRAME;
    const left = draft.size - body;
    // A recorder that was switched off never wrote how much follows: all is sound.
    if (kind === "data" && (length === 0 || length >= left)) return "";
    if (length > left) throw new DamagedError();
    if (kind === "VP8X" && length) flags = body;
    else if (!kept.has(kind) && (await chunk(draft, kind, offset, length))) turned = true;
    offset = body + length + (length % 2);
  }
  if (flags) {
    const hidden = XMP_FLAG | (turned ? 0 : EXIF_FLAG);
    const shown = (await draft.at(flags, 1)).charCodeAt(0) & ~hidden;
    await draft.write(flags, String.fromCharCode(shown));
  }
  await draft.wipeRest(Math.max(offset, end));
  return "";
}

/** Blanks a chunk; returns whether an orientation stays in it. */
async function chunk(
  draft: Draft,
  kind: Bytes,
  offset: number,
  length: number,
): Promise<boolean> {
  const body = offset + FRAME;
  const data = await draft.head(body, Math.min(length, SMALL));
  let block = "";
  if (kind === "EXIF") block = exif.neutral(exif.read(draft, data), length);
  else if (kind !== BLANK) xmp.tell(draft, kind, data);
  await draft.write(offset, block ? kind : BLANK);
  await draft.write(body, block, body + length);
  return block !== "";
}
