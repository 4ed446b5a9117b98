// MP3 and OGG: what stands before and behind the sound.
//
// Sources: ID3v2.4 (id3.org), ID3v1, RFC 7845 and Vorbis I for comments. The tags of an MP3 become
// zeros, which its own rules call padding. A page of an OGG carries a checksum over all of it, so
// its comments are told, not cleaned.

import { type Bytes, big, little } from "./bytes.ts";
import { codeOf } from "./codes.ts";
import { type Draft, text, wideText } from "./draft.ts";
import { SMALL, type Source, WINDOW } from "./source.ts";

const ID3_HEADER = 10;
const ID3_FOOTER = 0x10;
const OLD_SIZE = 128;
const APE_FOOTER = 32;
const MAX_COMMENTS = 64;

/** Gathers what an MP3 reveals; "audio" where a tag stays. Throws DamagedError. */
export async function cleanMp3(source: Source, draft: Draft): Promise<string> {
  if ((await source.at(0, 3)) === "ID3") {
    const head = await source.at(0, ID3_HEADER);
    const size = sevenBits(head.slice(6));
    readFrames(draft, await source.head(ID3_HEADER, Math.min(size, SMALL)), head.charCodeAt(3));
    // Flags (unsynchronised, extended) tell of what is gone.
    await draft.write(5, String.fromCharCode(head.charCodeAt(5) & ID3_FOOTER));
    if ((await draft.wipe(ID3_HEADER, ID3_HEADER + size)) && !draft.told) {
      draft.find("other", "ID3");
    }
  }
  let end = source.size;
  const tail = await source.head(Math.max(0, end - OLD_SIZE), OLD_SIZE);
  if (tail.startsWith("TAG") && tail.length === OLD_SIZE) {
    draft.find("comment", text(tail.slice(3, 33)));
    draft.find("author", text(tail.slice(33, 63)));
    draft.find("comment", text(tail.slice(97, 127)));
    await draft.wipe(end - OLD_SIZE, end);
    end -= OLD_SIZE;
  }
  if ((await source.head(Math.max(0, end - APE_FOOTER), 8)) !== "APETAGEX") return "";
  draft.find("other", "APE");
  return "audio";
}

function sevenBits(data: Bytes): number {
  let size = 0;
  for (let i = 0; i < data.length; i++) size = (size << 7) | (data.charCodeAt(i) & 0x7f);
  return size;
}

function readFrames(draft: Draft, data: Bytes, version: number): void {
  let offset = 0;
  while (offset + 10 <= data.length && data[offset] !== "\0") {
    const name = data.slice(offset, offset + 4);
    const length = data.slice(offset + 4, offset + 8);
    const size = version === 4 ? sevenBits(length) : big(length);
    const value = data.slice(offset + 10, offset + 10 + size);
    if (name.startsWith("T")) draft.find(codeOf(text(name)), frameText(value));
    else if (name === "APIC") draft.find("thumbnail", "ID3");
    else if (name === "COMM") draft.find("comment", text(value.slice(5)) || frameText(value));
    else draft.find("other", `ID3 ${text(name)}`);
    offset += 10 + size;
  }
}

function frameText(value: Bytes): string {
  // The first byte is the encoding: 1 is UTF-16 with its order, 2 without, big end first.
  const rest = value.slice(1);
  if (value.startsWith("\x02") || rest.startsWith("\xfe\xff")) return wideText(rest, "be");
  return value.startsWith("\x01") ? wideText(rest, "le") : text(rest);
}

/** Notes the comments of an OGG, which stay in it. */
export async function warnOgg(source: Source, draft: Draft): Promise<string> {
  const data = await source.head(0, WINDOW);
  let start = data.indexOf("OpusTags") + 8;
  if (start < 8) start = data.indexOf("\x03vorbis") + 7;
  if (start < 7) return "audio";
  const software = counted(data, start);
  draft.find("software", text(software.value));
  const count = little(data.slice(software.end, software.end + 4));
  start = software.end + 4;
  for (let left = Math.min(count, MAX_COMMENTS); left > 0; left--) {
    const { value, end } = counted(data, start);
    const [name = "", ...rest] = text(value).split("=");
    const code = codeOf(name.toLowerCase());
    const words = rest.join("=");
    draft.find(code, code === "comment" ? `${name}: ${words}` : words);
    start = end;
  }
  return "audio";
}

function counted(data: Bytes, start: number): { value: Bytes; end: number } {
  const end = start + 4 + little(data.slice(start, start + 4));
  return { value: data.slice(start + 4, end), end };
}
