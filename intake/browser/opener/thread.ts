/**
 * The conversation of one case with one office: each entry once, in order, and what is missing; as
 * `intake.core.thread`.
 *
 * Rules: order and gaps come from `seen` alone; where nothing tells, by date, the report before
 * others, then by id; a circle is broken at its first.
 */
import type { Found } from "../core/entries.ts";

export interface Thread {
  readonly entries: readonly Found[];
  /** How many entries the writer of this one had seen that are not here: each once. */
  readonly missing: ReadonlyMap<Found, number>;
  readonly repeated: readonly Found[];
}

/** Return the thread of entries of one case and office. */
export function thread(found: readonly Found[]): Thread {
  const once = new Map<string, Found>();
  const repeated: Found[] = [];
  for (const entry of found) {
    if (once.has(entry.id)) {
      repeated.push(entry);
    } else {
      once.set(entry.id, entry);
    }
  }
  const entries = inOrder([...once.values()]);
  const named = new Set(once.keys());
  const missing = new Map<Found, number>();
  for (const entry of entries) {
    const before = named.size;
    entry.seen.forEach((id) => named.add(id));
    missing.set(entry, named.size - before);
  }
  return { entries, missing, repeated };
}

/** Return entries, each after all that its writer had seen; in a time that no `seen` can stretch. */
function inOrder(entries: readonly Found[]): readonly Found[] {
  const written = [...entries].sort((one, other) => (key(one) < key(other) ? -1 : 1));
  const places = new Map(written.map((entry, place) => [entry.id, place] as const));
  const after = written.map((): number[] => []);
  const waits = written.map((entry, place) => {
    const before = new Set(entry.seen.flatMap((id) => places.get(id) ?? []));
    before.forEach((earlier) => (after[earlier] as number[]).push(place));
    return before.size;
  });
  const done = new Set<number>();
  const ordered: Found[] = [];
  while (done.size < written.length) {
    const open = [...waits.keys()].filter((place) => !done.has(place));
    const next = open.find((place) => waits[place] === 0) ?? (open[0] as number);
    done.add(next);
    ordered.push(written[next] as Found);
    for (const later of after[next] as number[]) {
      waits[later] = (waits[later] as number) - 1;
    }
  }
  return ordered;
}

function key({ date, kind, id }: Found): string {
  return `${date} ${kind === "report" ? 0 : 1} ${id}`;
}
