// XMP and the core properties of Office: searched for known names, never parsed.
//
// A search for fixed names reads what a broken or hostile document still shows, and cannot be
// led into entities. Everything is plain ASCII until the value.

import { type Bytes, filled } from "./bytes.ts";
import { CODES, codeOf } from "./codes.ts";
import { type Draft, text } from "./draft.ts";
import { position } from "./exif.ts";

const OFFICE = ["Company", "Manager", "Application"];
// Bounded everywhere, so that a search takes time in proportion to the text. Attributes and
// elements; a list is read down to its first member.
const NAMED = new RegExp(
  "[ \\t\\r\\n<](" +
    [...CODES.keys()].filter((name) => name.includes(":") || OFFICE.includes(name)).join("|") +
    ")(?:=[\"']([^\"'<>]{1,400})" +
    "|[^<>]{0,80}>(?:[ \\t\\r\\n]{0,80}<rdf:[^<>]{1,80}>){0,3}[ \\t\\r\\n]{0,80}([^<>]{1,400}))",
  "g",
);
const ANGLE = /^([0-9]{1,3}),([0-9]{1,2})(?:[.]([0-9]{1,9})|,([0-9]{1,2}))?([NSEW])$/;

/** Notes what an unknown block says by name, or its kind where it is not blank. */
export function tell(draft: Draft, kind: string, data: Bytes): void {
  if (filled(data) && !read(draft, data)) draft.find(CODES.get(kind) ?? "other", kind);
}

/** Notes what a document says by name, and returns whether it said anything. */
export function read(draft: Draft, data: Bytes): boolean {
  const before = draft.told;
  const angles: { latitude?: number; longitude?: number } = {};
  for (const match of data.matchAll(NAMED)) {
    const code = codeOf(match[1] ?? "");
    const value = text(match[2] ?? match[3] ?? "");
    if (code === "latitude" || code === "longitude") {
      const angle = ANGLE.exec(value);
      if (angle) angles[code] ??= degrees(angle);
    } else {
      draft.find(code, value);
    }
  }
  if (angles.latitude !== undefined && angles.longitude !== undefined) {
    draft.find("position", position(angles.latitude, angles.longitude));
  }
  return draft.told > before;
}

function degrees(angle: RegExpExecArray): number {
  // `27,35.496N` is degrees, minutes and their decimals; `27,35,30N` ends in seconds.
  const decimals = angle[3] ?? "";
  const minutes = Number(angle[2] + decimals) / 10 ** decimals.length + Number(angle[4] ?? 0) / 60;
  const sum = Number(angle[1]) + minutes / 60;
  return "SW".includes(angle[5] ?? "") ? -sum : sum;
}
