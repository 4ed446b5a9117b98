// The true type of a file, by what it holds. Its name and what a browser says are not asked.

import { type Bytes, big, fromBytes, words } from "./bytes.ts";
import { inverted } from "./codes.ts";
import * as documents from "./documents.ts";
import { DamagedError, type Source } from "./source.ts";

export const UNKNOWN = "application/octet-stream";
const HEAD = 4096;
const PDF_WITHIN = 1024;
const SIGNATURES: readonly (readonly [Bytes, string])[] = [
  ["\xff\xd8\xff", "image/jpeg"],
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["GIF87a", "image/gif"],
  ["GIF89a", "image/gif"],
  ["ID3", "audio/mpeg"],
  ["#!AMR", "audio/amr"],
  ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"],
];
// By the first brand; any other is MP4. The last three share the boxes, not their rules.
const BRANDS = inverted({
  "image/heic": "heic,heix,hevc,hevx,heim,heis",
  "image/heif": "mif1,msf1",
  "image/avif": "avif,avis",
  "video/quicktime": "qt  ",
  "audio/mp4": "M4A ,M4B ",
  [UNKNOWN]: "crx ,jxl ,jp2 ",
});
const BRANDS_FROM = 16;
const OLD_QUICKTIME = words("moov mdat wide free skip pnot");
const OFFICE: readonly (readonly [Bytes, string])[] = [
  ["word/", "wordprocessingml.document"],
  ["xl/", "spreadsheetml.sheet"],
  ["ppt/", "presentationml.presentation"],
];
const OPEN = "application/vnd.oasis.opendocument.";

/** Returns the media type of a file. Throws DamagedError only if it cannot be read. */
export async function sniff(source: Source): Promise<string> {
  const head = await source.head(0, HEAD);
  for (const [signature, kind] of SIGNATURES) if (head.startsWith(signature)) return kind;
  const found = await ofContainer(source, head);
  if (found) return found;
  if (head.slice(0, PDF_WITHIN).includes("%PDF-")) return "application/pdf";
  return isText(head, source.size <= HEAD) ? "text/plain" : UNKNOWN;
}

async function ofContainer(source: Source, head: Bytes): Promise<string> {
  if (head.startsWith("RIFF")) {
    if (head.startsWith("WEBP", 8)) return "image/webp";
    if (head.startsWith("WAVE", 8)) return "audio/wav";
  }
  if (head.startsWith("ftyp", 4)) return ofBrands(head);
  if (OLD_QUICKTIME.has(head.slice(4, 8))) return "video/quicktime";
  if (head.startsWith("\x1aE\xdf\xa3")) {
    return head.slice(0, 64).includes("webm") ? "video/webm" : "video/x-matroska";
  }
  if (head.startsWith("OggS")) {
    return head.slice(0, 512).includes("\x80theora") ? "video/ogg" : "audio/ogg";
  }
  if (head.startsWith("PK\x03\x04")) return ofArchive(source, head);
  return isMp3(head) ? "audio/mpeg" : "";
}

function ofBrands(head: Bytes): string {
  const size = big(head.slice(0, 4));
  // No such list of brands was ever written; its parts would be taken for boxes.
  if (size < BRANDS_FROM || size > HEAD) return UNKNOWN;
  const brand = head.slice(8, 12);
  if (/^3g[p2ser]/.test(brand)) return "video/3gpp";
  const kind = BRANDS.get(brand) ?? "video/mp4";
  if (kind === "image/heif") {
    // The general brand comes first, the coding among the others.
    for (let start = BRANDS_FROM; start < Math.min(size, head.length) - 3; start += 4) {
      const other = BRANDS.get(head.slice(start, start + 4));
      if (other === "image/heic" || other === "image/avif") return other;
    }
  }
  return kind;
}

async function ofArchive(source: Source, head: Bytes): Promise<string> {
  const name = head.slice(30);
  if (name.startsWith(`mimetype${OPEN}`)) {
    const rest = name.slice(8 + OPEN.length);
    for (const kind of words("text spreadsheet presentation")) {
      if (rest.startsWith(kind)) return OPEN + kind;
    }
  }
  try {
    for await (const entry of documents.entries(source)) {
      for (const [folder, kind] of OFFICE) {
        if (entry.name.startsWith(folder)) {
          return `application/vnd.openxmlformats-officedocument.${kind}`;
        }
      }
    }
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
  }
  return "application/zip";
}

function isMp3(head: Bytes): boolean {
  // 11 bits of 1, layer III.
  const [one, two] = [head.charCodeAt(1), head.charCodeAt(2)];
  if (head.length < 3 || !head.startsWith("\xff") || (one & 0xe6) !== 0xe2) return false;
  // Neither the reserved version, bit rate nor sampling rate.
  return (one & 0x18) !== 0x08 && (two & 0xf0) !== 0xf0 && (two & 0x0c) !== 0x0c;
}

function isText(head: Bytes, whole: boolean): boolean {
  if (!head || /[\0-\x08\x0b\x0e-\x1f]/.test(head)) return false;
  // The beginning of a longer file may end within a character.
  for (let cut = 0; cut < (whole ? 1 : 4); cut++) {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(fromBytes(head.slice(0, head.length - cut)));
      return true;
    } catch {
      // Not here.
    }
  }
  return false;
}
