/**
 * What stands around the body of every entry, as `intake.core.entry` reads it.
 *
 * Rules: the text is canonical and padded to its bucket; a field that is not known, or is of
 * another kind, is refused.
 */
import { EntryError, ReportError } from "../errors.ts";
import { decode, type Json } from "./canonical.ts";
import type { Entry } from "./entry.ts";
import { bucket } from "./padding.ts";

export type Members = Readonly<Record<string, Json>>;

/** An entry whose body is of a kind of its own. */
export type Enveloped<Body> = Omit<Entry, "body"> & { readonly body: Body };

export const ID = /^[0-9a-f]{32}$/;
const DATE = /^([0-9]{4}-[0-9]{2}-[0-9]{2})[+-](0[0-9]|1[0-4]):[0-5][0-9]$/;
const SPACE = 0x20;
const FIELDS = "body,case,date,direction,format,id,kind,mac,office,programme,seen";

/**
 * Return the entry in an opened plaintext; `directions` holds that of each kind which may be
 * read, `body` reads what stands inside. Raises EntryError.
 */
export function parse<Body>(
  data: Uint8Array,
  directions: Readonly<Record<string, string>>,
  body: (value: Json | undefined) => Body,
): Enveloped<Body> {
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
  const entry = read as unknown as Enveloped<Body>;
  refuseUnless([entry.case, entry.id, ...entry.seen].every((name) => ID.test(name)));
  refuseUnless(entry.format === "intake/entry/v1" && isDay(entry.date));
  refuseUnless(directions[entry.kind] === entry.direction);
  return entry;
}

/** Return an object's members; `wanted` names all of them, in order. Raises EntryError. */
export function members(value: Json | undefined, wanted?: string): Members {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  refuseUnless(isObject && (wanted === undefined || Object.keys(value).sort().join() === wanted));
  return value as Members;
}

/** Return a list of texts. Raises EntryError. */
export function names(value: Json | undefined): string[] {
  refuseUnless(Array.isArray(value) && value.every((one) => typeof one === "string"));
  return value as string[];
}

/** Raise EntryError where something does not fit. */
export function refuseUnless(fits: boolean): void {
  if (!fits) {
    throw new EntryError("the entry is not in the expected form, set it aside");
  }
}

function isDay(text: string): boolean {
  const day = DATE.exec(text)?.[1] ?? "";
  const noon = new Date(`${day}T12:00Z`);
  // What does not exist, such as the 30th of February, becomes another day or none.
  return (
    day >= "0001" && !Number.isNaN(noon.getTime()) && noon.toISOString().slice(0, 10) === day
  );
}
