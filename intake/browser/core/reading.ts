/**
 * What a witness reads of her case: replies of offices, and the note that she sealed to herself.
 *
 * Rules, as in `intake.core.entry`: the text is canonical and padded to its bucket; a field that
 * is not known, or is of another kind, is refused; what stands inside must equal what it was
 * filed under, or it is set aside.
 */
import { EntryError, ReportError } from "../errors.ts";
import { decode, type Json } from "./canonical.ts";
import { type Entry, type MessageBody, type StubBody, WITNESS } from "./entry.ts";
import { bucket } from "./padding.ts";

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

const ID = /^[0-9a-f]{32}$/;
const DATE = /^([0-9]{4}-[0-9]{2}-[0-9]{2})[+-](0[0-9]|1[0-4]):[0-5][0-9]$/;
const SPACE = 0x20;

const FIELDS = "body,case,date,direction,format,id,kind,mac,office,programme,seen";
// No report: nobody seals one to a witness.
const DIRECTIONS: Readonly<Record<string, string>> = { message: "in", reply: "out", note: "own" };

type Members = Readonly<Record<string, Json>>;

/** Return the entry in an opened plaintext. Raises EntryError. */
export function parse(data: Uint8Array): Read {
  let end = data.length;
  while (end > 0 && data[end - 1] === SPACE) {
    end -= 1;
  }
  if (data.length !== bucket(end)) {
    throw new EntryError("the entry is not padded to its bucket, set it aside");
  }
  let found: Members;
  try {
    found = members(decode(data.subarray(0, end)), FIELDS);
  } catch (error) {
    throw error instanceof ReportError ? new EntryError(error.message) : error;
  }
  const texts = FIELDS.split(",").filter((name) => name !== "body" && name !== "seen");
  refuseUnless(texts.every((name) => typeof found[name] === "string"));
  const read = { ...found, body: body(found["body"]), seen: names(found["seen"]) };
  const entry = read as unknown as Read;
  refuseUnless([entry.case, entry.id, ...entry.seen].every((name) => ID.test(name)));
  refuseUnless(entry.format === "intake/entry/v1" && isDay(entry.date));
  refuseUnless(DIRECTIONS[entry.kind] === entry.direction);
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

function body(value: Json | undefined): MessageBody | StubBody {
  const { type } = Object(value) as Members;
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

/** Return an object's members; `wanted` names all of them, in order. */
function members(value: Json | undefined, wanted?: string): Members {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  refuseUnless(isObject && (wanted === undefined || Object.keys(value).sort().join() === wanted));
  return value as Members;
}

function names(value: Json | undefined): string[] {
  refuseUnless(Array.isArray(value) && value.every((one) => typeof one === "string"));
  return value as string[];
}

function isDay(text: string): boolean {
  const day = DATE.exec(text)?.[1] ?? "";
  const noon = new Date(`${day}T12:00Z`);
  // What does not exist, such as the 30th of February, becomes another day or none.
  return (
    day >= "0001" && !Number.isNaN(noon.getTime()) && noon.toISOString().slice(0, 10) === day
  );
}

function refuseUnless(fits: boolean): void {
  if (!fits) {
    throw new EntryError("the entry is not in the expected form, set it aside");
  }
}
