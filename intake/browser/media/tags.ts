// What the boxes that are released say by words: `udta`, `meta`, XMP; and handlers' names.
//
// Sources: QuickTime File Format, Adobe XMP part 3. Whatever cannot be followed is
// told by its kind alone, since it is released all the same.

import { type Box, beginning, boxes, first, release } from "./boxes.ts";
import { big } from "./bytes.ts";
import { CODES, codeOf } from "./codes.ts";
import { type Draft, text } from "./draft.ts";
import { position } from "./exif.ts";
import { DamagedError } from "./source.ts";
import * as xmp from "./xmp.ts";

const PLACE = /^([+-][0-9]{1,2}(?:[.][0-9]{1,9})?)([+-][0-9]{1,3}(?:[.][0-9]{1,9})?)(?![0-9])/;
const MAX_KEYS = 256;
const HANDLER_NAMED = 12;

/** Notes what a box says, or its kind where it is not blank, and releases it. */
export async function releaseTold(draft: Draft, box: Box): Promise<void> {
  const before = draft.told;
  try {
    await readAll(draft, box);
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
  }
  if (draft.told === before && !(await draft.blank(box.body, box.size))) {
    draft.find("other", box.kind);
  }
  await release(draft, box);
}

/** Empties the name of a handler, and its maker's code. Throws DamagedError. */
export async function emptyName(draft: Draft, hdlr: Box): Promise<void> {
  const name = (await beginning(draft, hdlr)).slice(HANDLER_NAMED + 12);
  // QuickTime begins a name with its length.
  const counted = name.charCodeAt(0) === name.length - 1;
  draft.find("software", text(counted ? name.slice(1) : name));
  await draft.wipe(hdlr.body + HANDLER_NAMED, hdlr.end);
}

async function readAll(draft: Draft, box: Box): Promise<void> {
  if (box.kind === "udta") {
    for await (const child of boxes(draft, box)) {
      await (child.kind === "meta" ? readAll : tell)(draft, child);
    }
  } else if (box.kind === "meta") {
    await list(draft, box);
  } else {
    xmp.read(draft, await beginning(draft, box));
  }
}

async function tell(draft: Draft, box: Box): Promise<void> {
  const data = await beginning(draft, box);
  if (box.kind.startsWith("\xa9")) {
    // Length and language of the text.
    note(draft, box.kind, text(data.slice(4)));
  } else {
    xmp.tell(draft, box.kind, data);
  }
}

async function list(draft: Draft, meta: Box): Promise<void> {
  const keys = await first(draft, meta, "keys");
  const names: string[] = [];
  for await (const key of boxes(draft, keys)) {
    if (names.push(text(await beginning(draft, key))) === MAX_KEYS) break;
  }
  const ilst = await first(draft, meta, "ilst");
  for await (const entry of boxes(draft, ilst)) {
    const name = names[big(entry.kind) - 1] ?? entry.kind;
    const data = await first(draft, entry, "data");
    // Type, country and language; 1 is UTF-8.
    const value = data ? await beginning(draft, data) : "";
    if (value.startsWith("\0\0\0\x01")) {
      note(draft, name.slice(name.lastIndexOf(".") + 1), text(value.slice(8)));
    } else {
      draft.find(CODES.get(name) ?? "other", name);
    }
  }
}

function note(draft: Draft, name: string, value: string): void {
  const code = codeOf(name);
  const place = code === "position" ? PLACE.exec(value) : null;
  draft.find(code, place ? position(Number(place[1]), Number(place[2])) : value);
}
