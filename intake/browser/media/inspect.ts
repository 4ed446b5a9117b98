// What a file reveals about its maker, and the patches that make its cleaned copy.
//
// intake/media says the same in Python, module by module; one test holds both to one answer.

import * as audio from "./audio.ts";
import { inverted } from "./codes.ts";
import * as documents from "./documents.ts";
import { Draft, type Finding, type Patch } from "./draft.ts";
import * as jpeg from "./jpeg.ts";
import * as movie from "./movie.ts";
import * as png from "./png.ts";
import * as riff from "./riff.ts";
import { sniff, UNKNOWN } from "./sniff.ts";
import { DamagedError, type Read } from "./source.ts";

export { apply, type Finding, type Patch } from "./draft.ts";
export type { Read } from "./source.ts";

const CLEANERS: ReadonlyMap<string, (draft: Draft) => Promise<string>> = new Map([
  ["image/jpeg", jpeg.clean],
  ["image/png", png.clean],
  ["image/webp", riff.clean],
  ["audio/wav", riff.clean],
  ["audio/mpeg", audio.clean],
  ["application/pdf", documents.warnPdf],
]);
const BOXED: ReadonlySet<string> = new Set([
  "video/mp4",
  "video/quicktime",
  "video/3gpp",
  "audio/mp4",
]);
const BOXED_PICTURES: ReadonlySet<string> = new Set(["image/heic", "image/heif", "image/avif"]);
const UNCLEANED = inverted({
  audio: "audio/ogg",
  video: "video/ogg,video/webm,video/x-matroska",
  unknown: `image/gif,${UNKNOWN}`,
  document: "application/x-ole-storage",
});
// Nothing in these but the sound or the words.
const PLAIN: ReadonlySet<string> = new Set(["audio/amr", "text/plain"]);

/** What was found in a file.
 *
 * `warning` is "" where the patches remove all findings; else there are no patches, and the file
 * may reveal its maker: "document", "video" or "audio" for kinds that are not cleaned, "unknown"
 * for what is none of ours, "damaged" where the structure cannot be followed. */
export type Inspection = {
  readonly type: string;
  readonly findings: readonly Finding[];
  readonly patches: readonly Patch[];
  readonly warning: string;
};

/** Returns what a file of `size` bytes reveals; throws nothing of its own. */
export async function inspect(read: Read, size: number): Promise<Inspection> {
  const draft = new Draft(read, size);
  let type = UNKNOWN;
  try {
    type = await sniff(draft);
    const warning = await clean(type, draft);
    const patches = warning ? [] : draft.patches();
    return { type, findings: draft.findings, patches, warning };
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
    return { type, findings: draft.findings, patches: [], warning: "damaged" };
  }
}

async function clean(type: string, draft: Draft): Promise<string> {
  if (PLAIN.has(type)) return "";
  if (BOXED.has(type) || BOXED_PICTURES.has(type)) {
    return movie.clean(draft, BOXED_PICTURES.has(type));
  }
  const cleaner = CLEANERS.get(type);
  if (cleaner) return cleaner(draft);
  return UNCLEANED.get(type) ?? documents.warnOffice(draft);
}
