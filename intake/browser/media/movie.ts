// MP4, QuickTime, M4A and 3GP: a movie and its tracks. Source: ISO/IEC 14496-12 and QuickTime.
//
// Kept are the boxes that players need; any other becomes `free` space of zeros. Times become 0,
// names become empty. A track that is neither picture nor sound (GPS, sensors, subtitles with
// telemetry) is released with its samples; what refers to it from other tracks as well.

import { type Box, beginning, boxAt, boxes, first, PADDING, release } from "./boxes.ts";
import { type Bytes, big, words, zeros } from "./bytes.ts";
import { type Draft, text } from "./draft.ts";
import * as items from "./items.ts";
import { DamagedError } from "./source.ts";
import * as tags from "./tags.ts";

const TOP = words("ftyp styp moov mdat moof mfra sidx ssix pdin");
// Of the children of a box, those that players need.
const KEPT: ReadonlyMap<Bytes, ReadonlySet<Bytes>> = new Map([
  ["moov", words("mvhd trak mvex iods")],
  ["trak", words("tkhd edts mdia tref load clip matt imap tapt")],
  ["mdia", words("mdhd hdlr minf elng")],
  ["minf", words("vmhd smhd hmhd nmhd gmhd sthd hdlr dinf stbl")],
]);
// What follows the last box, once it is zeros: a length of 0 reaches to the end of the file.
const REST = zeros(4);
const SHOWN = words("vide soun pict auxv");
const UNREADABLE = words("cmov rmra");
const TABLES = words("stco co64 stsc stsz");
const SOUND_SIZE = 28;
const PICTURE_SIZE = 78;
const VENDOR = 12;
const ENCODER = 42;
const EPOCH = 2_082_844_800;
const LAST_TIME = 4_102_444_800;
const MAX_CHILDREN = 1024;
const MAX_MEDIA = 8192;
const MAX_SAMPLES = 60_000;
const MAX_CHUNKS = 4096;

/** What is gathered while the boxes are read. */
type Movie = {
  readonly draft: Draft;
  /** Where the samples may stand: the contents of the top `mdat` boxes. */
  readonly media: items.Extent[];
  /** What is read once all data was seen. */
  readonly late: Box[];
  readonly references: Box[];
  /** What the track that is read holds: `vide`, `soun` or another. */
  handler: Bytes;
  released: boolean;
  /** Pieces of released tracks so far. */
  chunks: number;
  fragmented: boolean;
  warning: string;
};

/** Gathers what a movie reveals; returns a warning or "". Throws DamagedError. */
export function clean(draft: Draft): Promise<string> {
  return read(draft, false);
}

/** Gathers what a picture of items reveals; returns a warning or "". Throws DamagedError. */
export function cleanPicture(draft: Draft): Promise<string> {
  return read(draft, true);
}

async function read(draft: Draft, picture: boolean): Promise<string> {
  const movie: Movie = {
    draft,
    media: [],
    late: [],
    references: [],
    handler: "",
    released: false,
    chunks: 0,
    fragmented: false,
    warning: "",
  };
  let offset = 0;
  while (offset < draft.size) {
    const box = await topBox(movie, offset);
    if (!box) break;
    await sort(movie, box);
    offset = box.end;
  }
  const needed = picture ? "meta" : "moov";
  if (movie.late.every((box) => box.kind !== needed)) throw new DamagedError();
  for (const box of movie.late) {
    if (box.kind === "moov") await sift(movie, box);
    else if (picture) await items.clean(draft, box, movie.media);
    else await tags.releaseTold(draft, box);
  }
  if (movie.released) {
    // Its samples stand in every fragment.
    if (movie.fragmented) movie.warning = "video";
    for (const box of movie.references) await release(draft, box);
  }
  return movie.warning;
}

/** Treats a top box, or keeps it until all data was seen. */
async function sort(movie: Movie, box: Box): Promise<void> {
  const { draft, late, media } = movie;
  if (box.kind === "mdat") media.push([box.body, box.end]);
  else if (box.kind === "moov" || box.kind === "meta") late.push(box);
  else if (PADDING.has(box.kind) || box.kind === REST) await draft.wipe(box.body, box.end);
  else if (!TOP.has(box.kind)) await tags.releaseTold(draft, box);
  movie.fragmented ||= box.kind === "moof";
  demandFew(media, MAX_MEDIA);
  demandFew(late, MAX_CHILDREN);
}

/** Returns the box at `offset`, or undefined where something else follows the last box. */
async function topBox(movie: Movie, offset: number): Promise<Box | undefined> {
  const { draft, late } = movie;
  try {
    return await boxAt(draft, offset, draft.size);
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
    const kind = await draft.head(Math.min(offset + 4, draft.size), 4);
    if (!late.length || TOP.has(kind) || PADDING.has(kind) || kind === "meta") throw error;
  }
  await draft.wipeRest(offset);
  return undefined;
}

function demandFew(kept: readonly unknown[], most: number): void {
  if (kept.length > most) throw new DamagedError();
}

async function readTrack(movie: Movie, trak: Box): Promise<void> {
  const handler = await first(movie.draft, trak, "mdia", "hdlr");
  movie.handler = handler ? (await beginning(movie.draft, handler)).slice(8, 12) : "";
  await (SHOWN.has(movie.handler) ? sift : releaseTrack)(movie, trak);
}

/** Treats the kept boxes of a parent, and releases the others. */
async function sift(movie: Movie, parent: Box): Promise<void> {
  const { draft } = movie;
  for await (const box of boxes(draft, parent)) {
    if (PADDING.has(box.kind)) await draft.wipe(box.body, box.end);
    else if (!KEPT.get(parent.kind)?.has(box.kind)) {
      if (UNREADABLE.has(box.kind)) movie.warning = "video";
      await tags.releaseTold(draft, box);
    } else if (box.kind === "hdlr") await tags.emptyName(draft, box);
    else if (box.kind === "tref") {
      movie.references.push(box);
      demandFew(movie.references, MAX_CHILDREN);
    } else await TREATED.get(box.kind)?.(movie, box);
  }
}

/** Sets the times of making and changing to 0. */
async function forgetTimes(movie: Movie, box: Box): Promise<void> {
  const data = await movie.draft.at(box.body, Math.min(box.size, 20));
  const width = data.startsWith("\x01") ? 8 : 4;
  if (data.length < 4 + 2 * width) throw new DamagedError();
  for (const start of [4, 4 + width]) {
    const seconds = big(data.slice(start, start + width));
    const known = seconds >= EPOCH && seconds < LAST_TIME + EPOCH;
    if (seconds) movie.draft.find("taken", known ? date(seconds - EPOCH) : "unknown time");
  }
  await movie.draft.write(box.body + 4, zeros(2 * width));
}

function date(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}

/** Empties the paths of files that samples once came from. */
async function emptyPaths(movie: Movie, dinf: Box): Promise<void> {
  const { draft } = movie;
  for await (const dref of boxes(draft, dinf)) {
    for await (const box of boxes(draft, dref)) {
      if (await draft.wipe(box.body + 4, box.end)) {
        draft.find("name", text((await beginning(draft, box)).slice(4)));
      }
    }
  }
}

/** Empties the names that encoders give themselves in the sample descriptions. */
async function emptyDescriptions(movie: Movie, stbl: Box): Promise<void> {
  const { draft } = movie;
  const stsd = await first(draft, stbl, "stsd");
  for await (const box of boxes(draft, stsd)) {
    const vendor = box.body + VENDOR;
    if (box.size >= SOUND_SIZE) await draft.wipe(vendor, vendor + 4);
    if (box.size >= PICTURE_SIZE && movie.handler === "vide") {
      const name = box.body + ENCODER;
      draft.find("software", text((await draft.at(name, 32)).slice(1)));
      await draft.wipe(name, name + 32);
    }
  }
}

async function releaseTrack(movie: Movie, trak: Box): Promise<void> {
  const { draft } = movie;
  const stbl = await first(draft, trak, "mdia", "minf", "stbl");
  const stsd = await first(draft, stbl, "stsd");
  const codec = stsd ? text(await draft.head(stsd.body + 12, 4)) : "";
  if (stbl) await releaseSamples(movie, stbl);
  draft.find("other", `track ${movie.handler} ${codec}`);
  movie.released = true;
  await release(draft, trak);
}

async function releaseSamples(movie: Movie, stbl: Box): Promise<void> {
  const { draft } = movie;
  const tables = new Map<Bytes, Bytes>();
  for await (const box of boxes(draft, stbl)) {
    if (TABLES.has(box.kind)) tables.set(box.kind, await beginning(draft, box));
  }
  const table = (kind: Bytes): Bytes => tables.get(kind) ?? "";
  const wide = tables.has("co64") ? 8 : 4;
  const offsets = table(wide === 8 ? "co64" : "stco");
  const sizes = table("stsz");
  movie.chunks += big(offsets.slice(4, 8));
  if (movie.chunks > MAX_CHUNKS || big(sizes.slice(8, 12)) > MAX_SAMPLES || !sizes) {
    movie.warning = "video";
    return;
  }
  const lengths = chunkLengths(table("stsc"), sizes, counted(offsets, 4, wide));
  for (const [index, length] of lengths.entries()) {
    const start = big(offsets.slice(8 + index * wide, 8 + (index + 1) * wide));
    const end = start + length;
    if (!movie.media.some(([begin, stop]) => begin <= start && end <= stop)) {
      throw new DamagedError();
    }
    await movie.draft.wipe(start, end);
  }
}

/** Returns the count at `start` of entries that follow it. Throws DamagedError. */
function counted(data: Bytes, start: number, wide: number): number {
  const count = big(data.slice(start, start + 4));
  if (data.length < start + 4 + count * wide) throw new DamagedError();
  return count;
}

/** Returns the bytes of each chunk. Throws DamagedError where samples are left over. */
function chunkLengths(runs: Bytes, sizes: Bytes, chunks: number): number[] {
  const same = big(sizes.slice(4, 8));
  const samples = same ? big(sizes.slice(8, 12)) : counted(sizes, 8, 4);
  const ended = counted(runs, 4, 12);
  const lengths: number[] = [];
  let [run, sample, held] = [0, 0, 0];
  for (let chunk = 1; chunk <= chunks; chunk++) {
    // Of a run: its first chunk, the samples of a chunk, their description.
    const at = 8 + run * 12;
    if (run < ended && big(runs.slice(at, at + 4)) === chunk) {
      held = big(runs.slice(at + 4, at + 8));
      run++;
    }
    let length = 0;
    for (let left = Math.min(held, samples - sample); left > 0; left--) {
      length += same || big(sizes.slice(12 + sample * 4, 16 + sample * 4));
      sample++;
    }
    lengths.push(length);
  }
  if (sample < samples) throw new DamagedError();
  return lengths;
}

// What is done with a kept box; those missing stay as they are.
const TREATED: ReadonlyMap<Bytes, (movie: Movie, box: Box) => Promise<void>> = new Map([
  ["mvhd", forgetTimes],
  ["tkhd", forgetTimes],
  ["mdhd", forgetTimes],
  ["trak", readTrack],
  ["mdia", sift],
  ["minf", sift],
  ["dinf", emptyPaths],
  ["stbl", emptyDescriptions],
]);
