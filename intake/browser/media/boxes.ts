// The boxes that MP4, QuickTime, HEIC and AVIF are made of. Source: ISO/IEC 14496-12.

import { type Bytes, big, filled, words } from "./bytes.ts";
import type { Draft } from "./draft.ts";
import { DamagedError, SMALL, type Source } from "./source.ts";

/** Boxes that every reader passes over. */
export const PADDING = words("free skip wide");
// Boxes that begin with version, flags and a count.
const COUNTED = words("dref keys stsd");
const HEADER = 8;

/** Where a box of one kind begins, where its content does, and where it ends. */
export type Box = {
  readonly kind: Bytes;
  readonly start: number;
  readonly body: number;
  readonly end: number;
  /** Bytes of the content. */
  readonly size: number;
};

/** Returns the box at `offset`, which ends by `end`. Throws DamagedError. */
export async function boxAt(source: Source, start: number, limit: number): Promise<Box> {
  source.step();
  const head = await source.at(start, HEADER);
  let size = big(head.slice(0, 4));
  let body = start + HEADER;
  if (size === 1) {
    size = big(await source.at(body, 8));
    body += 8;
  } else if (size === 0) {
    // It reaches to the end of what holds it.
    size = limit - start;
  }
  if (size < body - start || size > limit - start) throw new DamagedError();
  const end = start + size;
  return { kind: head.slice(4), start, body, end, size: end - body };
}

/** Yields the boxes in a box. Throws DamagedError where one does not fit. */
export async function* boxes(source: Source, parent?: Box): AsyncGenerator<Box> {
  if (!parent) return;
  const { end } = parent;
  let start = await inside(source, parent);
  while (start < end) {
    // QuickTime ends a list with a zero of 32 bits.
    if (end - start === 4 && !filled(await source.at(start, 4))) return;
    const box = await boxAt(source, start, end);
    yield box;
    start = box.end;
  }
}

/** Returns where the boxes in a box begin. */
async function inside(source: Source, { kind, body }: Box): Promise<number> {
  if (COUNTED.has(kind)) return body + 8;
  if (kind === "iinf") return body + ((await source.at(body, 1)) === "\0" ? 6 : 8);
  // QuickTime's has no version.
  return kind === "meta" && (await source.at(body + 4, 4)) !== "hdlr" ? body + 4 : body;
}

/** Returns the first box along a path of kinds, or undefined where a part of it is missing. */
export async function first(
  source: Source,
  parent: Box | undefined,
  ...[kind, ...path]: Bytes[]
): Promise<Box | undefined> {
  if (kind === undefined) return parent;
  for await (const box of boxes(source, parent)) {
    if (box.kind === kind) return first(source, box, ...path);
  }
  return undefined;
}

/** Returns as much of the content as is read of a long box. */
export function beginning(source: Source, box: Box): Promise<Bytes> {
  return source.at(box.body, Math.min(box.size, SMALL));
}

/** Turns a box into `free` space of zeros, of the same length. */
export async function release(draft: Draft, box: Box): Promise<void> {
  const lengths = await draft.at(box.start + HEADER, box.body - box.start - HEADER);
  await draft.write(box.start + 4, `free${lengths}`, box.end);
}
