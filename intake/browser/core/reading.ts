/**
 * What a witness reads of her case: replies of offices, and the note that she sealed to herself.
 *
 * Rules, as in `intake.core.entry`: the text is canonical and padded to its bucket; a field that
 * is not known, or is of another kind, is refused; what stands inside must equal what it was
 * filed under, or it is set aside.
 */
import type { Json } from "./canonical.ts";
import { type Entry, type MessageBody, type StubBody, WITNESS } from "./entry.ts";
import { members, names, parse as parseWith, refuseUnless } from "./envelope.ts";

/** An entry that a witness may read. */
export interface Read extends Entry {
  readonly body: MessageBody | StubBody;
}

/** What an entry was filed under. */
export interface Outer {
  readonly case: string;
  readonly kind: string;
  readonly id: string;
}

// No report: nobody seals one to a witness.
const DIRECTIONS: Readonly<Record<string, string>> = { message: "in", reply: "out", note: "own" };

/** Return the entry in an opened plaintext. Raises EntryError. */
export function parse(data: Uint8Array): Read {
  const entry: Read = parseWith(data, DIRECTIONS, body);
  const isStub = entry.body.type === "stub";
  refuseUnless(!isStub || (entry.kind === "note" && entry.office === WITNESS));
  return entry;
}

/** Return why an entry is not what it was filed as for a witness; empty where it is. */
export function misplaced(
  entry: Entry,
  outer: Outer,
  programme: string,
  offices: readonly string[],
): "" | "case" | "kind" | "office" {
  if (entry.programme !== programme || entry.case !== outer.case || entry.id !== outer.id) {
    return "case";
  }
  if (entry.kind !== outer.kind) {
    return "kind";
  }
  const fits = entry.kind === "reply" ? offices.includes(entry.office) : entry.office === WITNESS;
  return fits ? "" : "office";
}

/** Return entries of one case, each after all that its writer had seen; else by date and id. */
export function inOrder<E extends Entry>(entries: readonly E[]): E[] {
  const waiting = [...entries].sort((one, other) =>
    `${one.date} ${one.id}` < `${other.date} ${other.id}` ? -1 : 1,
  );
  const ordered: E[] = [];
  while (waiting.length > 0) {
    const ids = new Set(waiting.map((entry) => entry.id));
    const next = waiting.findIndex((entry) => !entry.seen.some((id) => ids.has(id)));
    // A circle is broken at its first.
    ordered.push(...waiting.splice(Math.max(next, 0), 1));
  }
  return ordered;
}

/** Return what a letter or a note to oneself holds. Raises EntryError. */
export function body(value: Json | undefined): MessageBody | StubBody {
  const { type } = Object(value) as { readonly type?: Json };
  if (type === "text") {
    const found = members(value, "asks,text,type");
    refuseUnless(typeof found["text"] === "string");
    return { type, asks: names(found["asks"]), text: found["text"] as string };
  }
  refuseUnless(type === "stub");
  const found = members(value, "digests,keys,type");
  const digests = members(found["digests"]);
  const keys = members(found["keys"]);
  refuseUnless(Object.values(digests).every((digest) => typeof digest === "string"));
  Object.values(keys).forEach(names);
  return { type: "stub", digests, keys } as unknown as StubBody;
}
