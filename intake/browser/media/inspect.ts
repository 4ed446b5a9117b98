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

// What reads each type; the documents missing here are archives.
const CLEANERS: ReadonlyMap<string, (draft: Draft) => Promise<string>> = new Map([
  ["image/jpeg", jpeg.clean],
  ["image/png", png.clean],
  ["image/webp", riff.clean],
  ["image/heic", movie.cleanPicture],
  ["image/heif", movie.cleanPicture],
  ["image/avif", movie.cleanPicture],
  ["video/mp4", movie.clean],
  ["video/quicktime", movie.clean],
  ["video/3gpp", movie.clean],
  ["audio/mp4", movie.clean],
  ["audio/wav", riff.clean],
  ["audio/mpeg", audio.clean],
  ["application/pdf", documents.warnPdf],
]);
// The types that are not read; of two there is nothing to say but their sound or words.
const WARNINGS = inverted({
  "": "audio/amr,text/plain",
  audio: "audio/ogg",
  video: "video/ogg,video/webm,video/x-matroska",
  unknown: `image/gif,${UNKNOWN}`,
  document: "application/x-ole-storage",
});

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

function clean(type: string, draft: Draft): string | Promise<string> {
  return WARNINGS.get(type) ?? (CLEANERS.get(type) ?? documents.warnOffice)(draft);
}
