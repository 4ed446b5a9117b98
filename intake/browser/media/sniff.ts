// The true type of a file, by what it holds. Its name and what a browser says are not asked.

import { type Bytes, fromBytes } from "./bytes.ts";
import * as documents from "./documents.ts";
import { DamagedError, type Source } from "./source.ts";

export const UNKNOWN = "application/octet-stream";
const ZIP = "application/zip";
const HEAD = 4096;
// The list of brands with which MP4 and its kin begin. One of another length was never written,
// and its parts would be taken for boxes.
const PARTS = "\\0\\0(?:\\0[\\x10-\\xff]|[\\x01-\\x0f].)ftyp";
const GENERAL = `${PARTS}(?:(?:mif1|msf1)(?:.{4}){1,9}?)?`;
const OPEN = "application/vnd.oasis.opendocument.";
const PATTERNS: readonly (readonly [string, string])[] = [
  ["\\xff\\xd8\\xff", "image/jpeg"],
  ["\\x89PNG\\r\\n\\x1a\\n", "image/png"],
  ["RIFF.{4}WEBP", "image/webp"],
  ["GIF8[79]a", "image/gif"],
  // These share the boxes, not their rules.
  [`${PARTS}(?:crx|jxl|jp2) `, UNKNOWN],
  // The general brand comes first, the coding among the others.
  [`${GENERAL}(?:hei[cxms]|hev[cx])`, "image/heic"],
  [`${GENERAL}avi[fs]`, "image/avif"],
  [`${PARTS}(?:mif1|msf1)`, "image/heif"],
  [`${PARTS}qt  `, "video/quicktime"],
  [`${PARTS}M4[AB] `, "audio/mp4"],
  [`${PARTS}3g[p2ser]`, "video/3gpp"],
  [PARTS, "video/mp4"],
  // As QuickTime began before there were brands.
  [".{4}(?:moov|mdat|wide|free|skip|pnot)", "video/quicktime"],
  ["\\x1aE\\xdf\\xa3.{0,60}webm", "video/webm"],
  ["\\x1aE\\xdf\\xa3", "video/x-matroska"],
  ["OggS.{0,500}\\x80theora", "video/ogg"],
  ["OggS", "audio/ogg"],
  ["RIFF.{4}WAVE", "audio/wav"],
  ["#!AMR", "audio/amr"],
  // A tag, or 11 bits of 1 for layer III, with a bit rate.
  ["(?:ID3|\\xff[\\xe2\\xe3\\xf2\\xf3\\xfa\\xfb][\\0-\\xef])", "audio/mpeg"],
  ["\\xd0\\xcf\\x11\\xe0\\xa1\\xb1\\x1a\\xe1", "application/x-ole-storage"],
  ...["text", "spreadsheet", "presentation"].map(
    (kind) => [`PK.{28}mimetype${OPEN}${kind}`, OPEN + kind] as const,
  ),
  ["PK\x03\x04", ZIP],
  // It may begin with something else: ISO 32000-1, annex H.3.4.1, note 13.
  [".{0,1019}%PDF-", "application/pdf"],
];
// By the folder of its parts.
const OFFICE: ReadonlyMap<Bytes, string> = new Map([
  ["word", "wordprocessingml.document"],
  ["xl", "spreadsheetml.sheet"],
  ["ppt", "presentationml.presentation"],
]);

/** Returns the media type of a file. Throws DamagedError only if it cannot be read. */
export async function sniff(source: Source): Promise<string> {
  const head = await source.head(0, HEAD);
  for (const [pattern, kind] of PATTERNS) {
    if (new RegExp(`^${pattern}`, "s").test(head)) return kind === ZIP ? ofArchive(source) : kind;
  }
  return isText(head, source.size <= HEAD) ? "text/plain" : UNKNOWN;
}

async function ofArchive(source: Source): Promise<string> {
  try {
    for await (const entry of documents.entries(source)) {
      const [folder = "", part] = entry.name.split("/");
      const kind = part === undefined ? part : OFFICE.get(folder);
      if (kind) return `application/vnd.openxmlformats-officedocument.${kind}`;
    }
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
  }
  return ZIP;
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
