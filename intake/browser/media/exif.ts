// Exif: the block of numbers and words that cameras write. Source: TIFF 6.0, CIPA DC-008.
//
// Its directories are four and fixed (picture, thumbnail, Exif, GPS), each read once, so that no
// file leads in circles. An entry that points outside the block is passed over.

import { type Bytes, big, filled, little, zeros } from "./bytes.ts";
import { CODES } from "./codes.ts";
import { type Draft, text, wideText } from "./draft.ts";

const MAX_ENTRIES = 512;
const UPRIGHT = 1;
const ORIENTATION = 0x0112;
const EXIF = 0x8769;
const GPS = 0x8825;
const USER_COMMENT = 0x9286;
const MAKER_NOTE = 0x927c;
// Bytes of a value by its type; the types that are 0 hold nothing that is read here.
const SIZES = [0, 1, 1, 2, 4, 8, 0, 1, 0, 0, 8];
const ENTRY = 12;
const SMALLEST = 26;
const DEGREE = 100_000;
const LONGEST = 1024;
/** A block with no entry, for readers that demand a block. */
export const EMPTY: Bytes = "MM\0*\0\0\0\x08" + zeros(6);

type Entries = ReadonlyMap<number, Bytes>;

class Tiff {
  readonly big: boolean;
  readonly first: number;
  readonly #data: Bytes;

  constructor(data: Bytes) {
    this.#data = data;
    this.big = data.startsWith("MM\0*");
    this.first = this.big || data.startsWith("II*\0") ? this.number(data.slice(4, 8)) : 0;
  }

  /** Returns a whole number in the block's order of bytes. */
  number(data: Bytes): number {
    return this.big ? big(data) : little(data);
  }

  /** Returns the entries at `offset` and where the next directory begins, 0 for nowhere. */
  directory(offset: number): [Entries, number] {
    const data = this.#data;
    const entries = new Map<number, Bytes>();
    if (!this.first || offset < 8 || offset > data.length - 2) return [entries, 0];
    const field = (start: number, size: number): number =>
      this.number(data.slice(start, start + size));
    const count = Math.min(field(offset, 2), MAX_ENTRIES);
    const end = offset + 2 + count * ENTRY;
    for (let start = offset + 2; start < end && start + ENTRY <= data.length; start += ENTRY) {
      const tag = field(start, 2);
      const size = (SIZES[field(start + 2, 2)] ?? 0) * field(start + 4, 4);
      const at = size <= 4 ? start + 8 : field(start + 8, 4);
      if (!entries.has(tag) && at + size <= data.length) {
        entries.set(tag, data.slice(at, at + Math.min(size, LONGEST)));
      }
    }
    return [entries, field(end, 4)];
  }

  /** Returns the directory that an entry points to. */
  linked(entries: Entries, tag: number): Entries {
    return this.directory(this.number(entries.get(tag) ?? ""))[0];
  }
}

/** Notes what an Exif block (from its byte order on) says, and returns its orientation. */
export function read(draft: Draft, data: Bytes): number {
  const tiff = new Tiff(data);
  const [picture, following] = tiff.directory(tiff.first);
  const turned = tiff.number(picture.get(ORIENTATION) ?? "");
  const orientation = turned > UPRIGHT && turned <= 8 ? turned : UPRIGHT;
  if (["", EMPTY, neutral(orientation, data.length)].some((block) => isOnly(data, block))) {
    return orientation;
  }
  const before = draft.told;
  const thumbnail = tiff.directory(following)[0];
  const exif = tiff.linked(picture, EXIF);
  for (const entries of [picture, exif, thumbnail]) {
    for (const [tag, value] of entries) {
      const code = CODES.get(tag.toString(16).padStart(4, "0"));
      if (code) draft.find(code, words(tag, value, tiff.big));
    }
  }
  findPosition(draft, tiff, tiff.linked(picture, GPS));
  if (thumbnail.has(0x0111) || thumbnail.has(0x0201)) draft.find("thumbnail", "Exif");
  if (exif.has(MAKER_NOTE)) draft.find("other", "MakerNote");
  if (draft.told === before) draft.find("other", "Exif");
  return orientation;
}

/** Returns a block that holds the orientation alone, or nothing where it has no room. */
export function neutral(orientation: number, size: number): Bytes {
  if (orientation === UPRIGHT || size < SMALLEST) return "";
  const entry = "\x01\x12\0\x03\0\0\0\x01\0" + String.fromCharCode(orientation) + "\0\0";
  return "MM\0*\0\0\0\x08\0\x01" + entry + zeros(4);
}

function isOnly(data: Bytes, block: Bytes): boolean {
  return data.startsWith(block) && !filled(data.slice(block.length));
}

function words(tag: number, value: Bytes, big: boolean): string {
  // Windows writes title, comment, author, keywords and subject in UTF-16.
  if (tag >= 0x9c9b && tag <= 0x9c9f) return wideText(value, "le");
  if (tag !== USER_COMMENT) return text(value);
  const rest = value.slice(8);
  return value.startsWith("UNICODE\0") ? wideText(rest, big ? "be" : "le") : text(rest);
}

function findPosition(draft: Draft, tiff: Tiff, gps: Entries): void {
  if (!gps.size) return;
  const latitude = degrees(tiff, gps, 2, "S");
  const longitude = degrees(tiff, gps, 4, "W");
  if (latitude === undefined || longitude === undefined) draft.find("other", "GPS");
  else draft.find("position", position(latitude, longitude));
  draft.find("taken", text(gps.get(0x1d) ?? ""));
}

/** Returns a place in degrees with five decimals, south and west negative. */
export function position(latitude: number, longitude: number): string {
  return `${decimal(latitude)}, ${decimal(longitude)}`;
}

function decimal(degrees: number): string {
  // Whole numbers: two languages round a half to different sides.
  const whole = Math.floor(Math.abs(degrees) * DEGREE + 0.5);
  const sign = degrees < 0 && whole ? "-" : "";
  return `${sign}${Math.floor(whole / DEGREE)}.${String(whole % DEGREE).padStart(5, "0")}`;
}

function degrees(tiff: Tiff, gps: Entries, tag: number, negative: Bytes): number | undefined {
  const value = gps.get(tag) ?? "";
  if (value.length !== 24) return undefined;
  const part = (index: number): number => tiff.number(value.slice(index * 4, index * 4 + 4));
  if (!(part(1) && part(3) && part(5))) return undefined;
  const sum = part(0) / part(1) + part(2) / part(3) / 60 + part(4) / part(5) / 3600;
  if (sum > 180) return undefined;
  return gps.get(tag - 1)?.startsWith(negative) ? -sum : sum;
}
