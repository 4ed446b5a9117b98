// HEIC, HEIF and AVIF: a picture made of items. Source: ISO/IEC 23008-12 and 14496-12.
//
// Kept are the items that are pictures. The data of any other (Exif, XMP) becomes zeros where it
// stands, its names become empty. How the picture is turned stands in a property, and stays.

import { type Box, boxes, beginning, PADDING } from "./boxes.ts";
import { type Bytes, big, words, zeros } from "./bytes.ts";
import { type Draft, text } from "./draft.ts";
import * as exif from "./exif.ts";
import { DamagedError, SMALL } from "./source.ts";
import * as tags from "./tags.ts";
import * as xmp from "./xmp.ts";

const KEPT = words("hdlr pitm iloc iinf iprp iref idat dinf ipro grpl");
const PICTURES = words("hvc1 hev1 lhv1 av01 avc1 vvc1 jpeg j2k1 unci grid iden iovl tmap mski");
const REVEALING = words("udes altt crtt mdft uuid");
const MAX_EXTENTS = 4096;
const [IN_FILE, IN_IDAT, ELSEWHERE] = [0, 1, 15];

/** Where a part of an item begins and ends in the file. */
export type Extent = readonly [begin: number, end: number];

/** Where an item's data stands: `method` 0 is the file, 1 the box `idat`. */
type Item = { readonly method: number; readonly extents: readonly Extent[] };

/** Gathers what the items of a picture reveal; `media` is where data may stand in the file.
 * Throws DamagedError. */
export async function clean(
  draft: Draft,
  meta: Box,
  media: readonly Extent[],
): Promise<void> {
  let kinds: ReadonlyMap<number, Bytes> = new Map();
  let places: ReadonlyMap<number, Item> = new Map();
  let idat: Extent = [0, 0];
  for await (const box of boxes(draft, meta)) {
    if (box.kind === "iinf") kinds = await readKinds(draft, box);
    else if (box.kind === "iloc") places = readPlaces(await beginning(draft, box));
    else if (box.kind === "idat") idat = [box.body, box.end];
    else await sift(draft, box);
  }
  const pictures: Extent[] = [];
  const told: [Bytes, readonly Extent[]][] = [];
  for (const [identity, item] of places) {
    const kind = kinds.get(identity) ?? "";
    if (PICTURES.has(kind)) pictures.push(...moved(item, idat));
    else told.push([kind, checked(item, idat, media)]);
  }
  for (const [kind, extents] of told) {
    for (const [start, end] of extents) {
      // Data to overwrite is never a picture's as well.
      if (pictures.some(([begin, stop]) => start < stop && begin < end)) throw new DamagedError();
    }
    await readItem(draft, kind, extents);
  }
}

async function sift(draft: Draft, box: Box): Promise<void> {
  if (box.kind === "hdlr") await tags.emptyName(draft, box);
  else if (box.kind === "iprp") await readProperties(draft, box);
  else if (PADDING.has(box.kind)) await draft.wipe(box.body, box.end);
  else if (!KEPT.has(box.kind)) {
    await tags.releaseTold(draft, box);
  }
}

/** Returns the kind of each item, and empties the names. */
async function readKinds(draft: Draft, iinf: Box): Promise<Map<number, Bytes>> {
  const kinds = new Map<number, Bytes>();
  for await (const box of boxes(draft, iinf)) {
    const data = await beginning(draft, box);
    const version = data.charCodeAt(0);
    const wide = version === 3 ? 4 : 2;
    // Version and flags, identity, protection, kind, name.
    const name = 4 + wide + 2 + 4;
    const known = box.kind === "infe" && (version === 2 || version === 3);
    if (kinds.size > MAX_EXTENTS || !known || data.length < name) throw new DamagedError();
    kinds.set(big(data.slice(4, 4 + wide)), data.slice(name - 4, name));
    const called = data.slice(name).split("\0", 1)[0] ?? "";
    draft.find("name", text(called));
    await draft.wipe(box.body + name, box.body + name + called.length);
  }
  return kinds;
}

/** A table of numbers of several widths, read from its beginning. */
class Table {
  readonly #data: Bytes;
  #at = 0;

  constructor(data: Bytes) {
    this.#data = data;
  }

  /** Returns the next number of `width` bytes, 0 for none. Throws DamagedError. */
  take(width: number): number {
    const start = this.#at;
    this.#at += width;
    if (this.#at > this.#data.length) throw new DamagedError();
    return big(this.#data.slice(start, this.#at));
  }
}

/** Returns where each item stands, by the table `iloc`. */
function readPlaces(data: Bytes): Map<number, Item> {
  const table = new Table(data);
  const version = table.take(4) >>> 24;
  const widths = [table.take(1), table.take(1)].flatMap((byte) => [byte >> 4, byte & 15]);
  const [ofStart = 0, ofLength = 0, ofBase = 0, ofIndex = 0] = widths;
  if (version > 2) throw new DamagedError();
  const wide = version === 2 ? 4 : 2;
  const places = new Map<number, Item>();
  let left = MAX_EXTENTS;
  for (let more = table.take(wide); more > 0; more--) {
    const identity = table.take(wide);
    let method = version ? table.take(2) & 15 : IN_FILE;
    // Data in another file is not ours to follow.
    if (table.take(2)) method = ELSEWHERE;
    const base = table.take(ofBase);
    const extents: Extent[] = [];
    const count = table.take(2);
    left -= 1 + count;
    if (left < 0) throw new DamagedError();
    for (let i = 0; i < count; i++) {
      table.take(version ? ofIndex : 0);
      const start = base + table.take(ofStart);
      extents.push([start, start + table.take(ofLength)]);
    }
    places.set(identity, { method, extents });
  }
  return places;
}

function moved(item: Item, idat: Extent): readonly Extent[] {
  if (item.method !== IN_IDAT) return item.method === IN_FILE ? item.extents : [];
  return item.extents.map(([start, end]) => [start + idat[0], end + idat[0]]);
}

/** Returns the extents of an item to overwrite, which lie where data may stand. */
function checked(item: Item, idat: Extent, media: readonly Extent[]): readonly Extent[] {
  const allowed = item.method === IN_FILE ? media : [idat];
  const extents = moved(item, idat);
  for (const [start, end] of extents) {
    // A length of 0 means all of the file.
    if (start === end || !allowed.some(([begin, stop]) => begin <= start && end <= stop)) {
      throw new DamagedError();
    }
  }
  if (item.method !== IN_FILE && item.method !== IN_IDAT) throw new DamagedError();
  return extents;
}

async function readItem(
  draft: Draft,
  kind: Bytes,
  extents: readonly Extent[],
): Promise<void> {
  let data = "";
  let total = 0;
  for (const [start, end] of extents) {
    data += await draft.head(start, Math.min(end - start, SMALL - data.length));
    total += end - start;
  }
  let kept = "";
  if (kind === "Exif") {
    // An offset of four bytes, and the block after so many bytes.
    exif.read(draft, data.slice(4 + big(data.slice(0, 4))));
    if (total >= 4 + exif.EMPTY.length) kept = zeros(4) + exif.EMPTY;
  } else {
    xmp.tell(draft, kind || "item", data);
  }
  for (const [start, end] of extents) {
    await draft.write(start, kept.slice(0, end - start), end);
    kept = kept.slice(end - start);
  }
}

async function readProperties(draft: Draft, iprp: Box): Promise<void> {
  for await (const ipco of boxes(draft, iprp)) {
    if (ipco.kind !== "ipco") continue;
    for await (const box of boxes(draft, ipco)) {
      if (REVEALING.has(box.kind)) await tags.releaseTold(draft, box);
    }
  }
}
