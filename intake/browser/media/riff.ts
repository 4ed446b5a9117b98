// RIFF: WebP pictures and WAV sound. Source: RFC 9649; Microsoft's Multimedia Data Standards.
//
// Any chunk besides the picture or the sound becomes `JUNK`, the old name for a chunk of filling.

import { type Bytes, little, words } from "./bytes.ts";
import { codeOf } from "./codes.ts";
import { type Draft, text } from "./draft.ts";
import * as exif from "./exif.ts";
import { DamagedError, SMALL, type Source } from "./source.ts";
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
export async function clean(source: Source, draft: Draft): Promise<string> {
  const header = await source.head(0, HEADER);
  const kept = header.endsWith("WEBP") ? PICTURE : SOUND;
  let end = Math.min(FRAME + little(header.slice(4, 8)), source.size);
  if (end <= HEADER) end = source.size;
  let [offset, flags, turned] = [HEADER, 0, false];
  while (offset < end) {
    source.step();
    const head = await source.at(offset, FRAME);
    const kind = head.slice(0, 4);
    const length = little(head.slice(4));
    const body = offset + FRAME;
    const left = source.size - body;
    // A recorder that was switched off never wrote how much follows: all is sound.
    if (kind === "data" && (length === 0 || length >= left)) return "";
    if (length > left) throw new DamagedError();
    if (kind === "VP8X" && length) flags = body;
    else if (!kept.has(kind) && (await chunk(source, draft, kind, offset, length))) turned = true;
    offset = body + length + (length % 2);
  }
  if (flags) {
    const hidden = XMP_FLAG | (turned ? 0 : EXIF_FLAG);
    const shown = (await source.at(flags, 1)).charCodeAt(0) & ~hidden;
    await draft.write(flags, String.fromCharCode(shown));
  }
  end = Math.max(offset, end);
  if (end < source.size && (await draft.wipe(end, source.size))) {
    draft.find("other", `${source.size - end} bytes after the last chunk`);
  }
  return "";
}

/** Blanks a chunk; returns whether an orientation stays in it. */
async function chunk(
  source: Source,
  draft: Draft,
  kind: Bytes,
  offset: number,
  length: number,
): Promise<boolean> {
  const body = offset + FRAME;
  const data = await source.head(body, Math.min(length, SMALL));
  let block = "";
  if (kind === "EXIF") block = exif.neutral(exif.read(draft, data), length);
  else if (kind !== BLANK) tell(draft, kind, data);
  await draft.write(offset, block ? kind : BLANK);
  await draft.write(body, block, body + length);
  return block !== "";
}

function tell(draft: Draft, kind: Bytes, data: Bytes): void {
  const before = draft.told;
  if (kind === "bext") {
    // Description, originator, its reference, date and time: EBU Tech 3285.
    draft.find("comment", text(data.slice(0, 256)));
    draft.find("author", text(data.slice(256, 288)));
    draft.find("serial", text(data.slice(288, 320)));
    draft.find("taken", text(data.slice(320, 338)));
  } else if (kind === "LIST" && data.startsWith("INFO")) {
    let offset = 4;
    while (offset + FRAME <= data.length) {
      const size = little(data.slice(offset + 4, offset + 8));
      const code = codeOf(text(data.slice(offset, offset + 4)));
      draft.find(code, text(data.slice(offset + 8, offset + 8 + size)));
      offset += FRAME + size + (size % 2);
    }
  } else if (kind === "_PMX" || kind === "XMP ") {
    xmp.read(draft, data);
  }
  if (draft.told === before) draft.find("other", kind);
}
