// MP3 and OGG: what stands before and behind the sound.
//
// Sources: ID3v2.4 and ID3v1 (id3.org). The tags of an MP3 become zeros, which their own rules call
// padding. A page of an OGG carries a checksum over all of it, so its comments stay, with a warning.

import { fromBytes } from "./bytes.ts";
import type { Draft } from "./draft.ts";

const HEADER = 10;
const OLD_SIZE = 128;
const APE_FOOTER = 32;

/** Gathers what an MP3 reveals; "audio" where a tag stays. Throws DamagedError. */
export async function clean(draft: Draft): Promise<string> {
  let end = draft.size;
  if ((await draft.at(0, 3)) === "ID3") {
    let length = 0;
    for (const byte of fromBytes(await draft.at(6, 4))) length = (length << 7) | (byte & 0x7f);
    if (await draft.wipe(HEADER, HEADER + length)) draft.find("other", "ID3");
    // Flags (unsynchronised, extended, with a footer) tell of what is gone.
    await draft.wipe(5, 6);
  }
  if ((await draft.head(Math.max(0, end - OLD_SIZE), 3)) === "TAG") {
    draft.find("other", "ID3");
    end -= OLD_SIZE;
    await draft.wipe(end, draft.size);
  }
  if ((await draft.head(Math.max(0, end - APE_FOOTER), 8)) !== "APETAGEX") return "";
  draft.find("other", "APE");
  return "audio";
}
