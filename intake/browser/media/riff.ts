// RIFF: WebP pictures and WAV sound. Source: RFC 9649; Microsoft's Multimedia Data Standards.
//
// Any chunk besides the picture or the sound becomes `JUNK`, the old name for a chunk of filling.

import { type Bytes, little, words } from "./bytes.ts";
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
const INFO: ReadonlyMap<Bytes, string> = new Map([
  ["IART", "author"],
  ["ICOP", "author"],
  ["IENG", "author"],
  ["ITCH", "author"],
  ["ICRD", "taken"],
  ["ISFT", "software"],
  ["ISRC", "camera"],
]);

/** Gathers what a WebP reveals; nothing is left over, so no warning. Throws DamagedError. */
export async function cleanPicture(source: Source, draft: Draft): Promise<string> {
  let turned = false;
  let flags: { at: number; value: number } | undefined;
  const end = await endOf(source);
  let offset = HEADER;
  while (offset < end) {
    source.step();
    const [kind, length] = await header(source, offset);
    const body = offset + FRAME;
    if (length > end - body) throw new DamagedError();
    if (kind === "VP8X" && length && !flags) {
      flags = { at: body, value: (await source.at(body, 1)).charCodeAt(0) };
    } else if (kind === "EXIF") {
      const data = await source.head(body, Math.min(length, SMALL));
      const kept = exif.neutral(exif.read(draft, data), length);
      turned ||= kept !== "";
      await draft.write(offset, kept ? kind : BLANK);
      await draft.write(body, kept, body + length);
    } else if (!PICTURE.has(kind)) {
      if (kind === "XMP ") {
        const data = await source.head(body, Math.min(length, SMALL));
        if (!xmp.read(draft, data)) draft.find("other", "XMP");
      } else if (kind !== BLANK) {
        draft.find("other", text(kind));
      }
      await draft.write(offset, BLANK);
      await draft.wipe(body, body + length);
    }
    offset = body + length + (length % 2);
  }
  if (flags) {
    const kept = flags.value & ~(XMP_FLAG | (turned ? 0 : EXIF_FLAG));
    await draft.write(flags.at, String.fromCharCode(kept));
  }
  await trailer(source, draft, Math.max(offset, end), "picture");
  return "";
}

/** Gathers what a WAV reveals; nothing is left over, so no warning. Throws DamagedError. */
export async function cleanSound(source: Source, draft: Draft): Promise<string> {
  const end = await endOf(source);
  let offset = HEADER;
  while (offset < end) {
    source.step();
    const [kind, length] = await header(source, offset);
    const body = offset + FRAME;
    const left = source.size - body;
    // A recorder that was switched off never wrote how much follows: all is sound.
    if (kind === "data" && (length === 0 || length >= left)) return "";
    if (length > left) throw new DamagedError();
    if (!SOUND.has(kind)) {
      if (kind !== BLANK) tell(draft, kind, await source.head(body, Math.min(length, SMALL)));
      await draft.write(offset, BLANK);
      await draft.wipe(body, body + length);
    }
    offset = body + length + (length % 2);
  }
  await trailer(source, draft, Math.max(offset, end), "sound");
  return "";
}

/** Returns where the last chunk ends, at most the end of the file. */
async function endOf(source: Source): Promise<number> {
  const end = FRAME + (await header(source, 0))[1];
  return end <= HEADER ? source.size : Math.min(end, source.size);
}

async function header(source: Source, offset: number): Promise<[Bytes, number]> {
  const head = await source.at(offset, FRAME);
  return [head.slice(0, 4), little(head.slice(4))];
}

async function trailer(source: Source, draft: Draft, end: number, what: string): Promise<void> {
  if (end < source.size && (await draft.wipe(end, source.size))) {
    draft.find("other", `${source.size - end} bytes after the ${what}`);
  }
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
      const code = INFO.get(data.slice(offset, offset + 4)) ?? "comment";
      draft.find(code, text(data.slice(offset + 8, offset + 8 + size)));
      offset += FRAME + size + (size % 2);
    }
  } else if (kind === "_PMX") {
    xmp.read(draft, data);
  }
  if (draft.told === before) draft.find("other", text(kind));
}
