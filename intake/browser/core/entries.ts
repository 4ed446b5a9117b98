/**
 * What an office reads of a case: every entry that was sealed to it, as `intake.core.entry` does.
 *
 * Rules: what is read there is read here, with the same values; a body of a kind that is not known
 * is of a newer program: it is kept as it is, so that its writer can be checked, and never shown.
 */
import { unbase64 } from "../bytes.ts";
import { KeyTextError } from "../errors.ts";
import type { Json } from "./canonical.ts";
import { type AdditionBody, type MessageBody, type ReportBody, type StubBody, WITNESS } from "./entry.ts";
import { type Enveloped, ID, members, type Members, names, parse as parseWith, refuseUnless } from "./envelope.ts";
import { type Evidence, FILES } from "./evidence.ts";
import type { Answers } from "./programme.ts";
import { inline } from "./printable.ts";
import { body as letterBody } from "./reading.ts";

/** What an investigator tells her own office about a case; as `intake.core.work`. */
export interface WorkBody {
  readonly type: "work";
  readonly at: number;
  /** Values by the names of what they set. */
  readonly sets: Readonly<Record<string, string>>;
  /** Tags that are added, or taken away. */
  readonly tags: Readonly<Record<string, boolean>>;
  readonly text: string;
  readonly who: string;
}

/** A body of a kind, or with values, that this program does not know. */
export interface NewerBody {
  readonly type: "";
}

export type Body = ReportBody | AdditionBody | MessageBody | StubBody | WorkBody | NewerBody;

export type Found = Enveloped<Body> & {
  /** The entry as it was written, which the MAC covers. */
  readonly written: Json;
};

const DIRECTIONS = { report: "in", message: "in", reply: "out", note: "own" };
const REPORT =
  "answers,contact,digest,evidence,language,message_key,reply_to,type,unscripted,version";
const ADDITION =
  "answers,digest,evidence,group,keeper,language,people,refer,type,unscripted,version";
const TEXTS = ["contact", "digest", "group", "keeper", "language", "message_key", "version"];

// As in intake.core.work and its limits.
const SETS = ["status", "assigned", "reason"];
const STATUSES = ["new", "assessing", "acting", "waiting", "closed"];
const TAGS = 50;
const LINE_CHARACTERS = 300;

// As in intake.core.evidence; a TiB.
const FILE_LENGTH = 2 ** 40;
const NAME_CHARACTERS = 200;
const DIGEST = /^[0-9a-f]{64}$/;
const KEY = /^AGE-SECRET-KEY-PQ-1[02-9AC-HJ-NP-Z]{58}$/;
const TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/;
// What Python prints as it is, without a slash: nothing that steers, and of all spaces one. What
// is not assigned in this browser may be a new letter.
const NAME = /^(?:[^\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}/]| )+$/u;

/** Return the entry in an opened plaintext. Raises EntryError. */
export function parse(data: Uint8Array): Found {
  let raw: Json = null;
  const entry = parseWith(data, DIRECTIONS, (value) => {
    raw = value as Json;
    return body(value);
  });
  refuseUnless(isPlaced(entry));
  return { ...entry, written: { ...(entry as unknown as Members), body: raw } };
}

/** Whether the body is of the entry's kind. */
function isPlaced({ body: { type }, kind, office }: Enveloped<Body>): boolean {
  switch (type) {
    case "report":
      return kind === "report";
    case "addition":
      return kind === "message";
    case "stub":
      return kind === "note" && office === WITNESS;
    case "work":
      return kind === "note" && office !== WITNESS;
    case "text":
      return kind !== "report";
    case "":
      return true;
  }
}

function body(value: Json | undefined): Body {
  const { type } = members(value);
  switch (type) {
    case "report":
      return report(members(value, REPORT));
    case "addition":
      return addition(members(value, ADDITION));
    case "work":
      return work(members(value, "at,sets,tags,text,type,who"));
    case "text":
    case "stub":
      return letterBody(value);
    default:
      refuseUnless(typeof type === "string" && type !== "");
      return { type: "" };
  }
}

function report(found: Members): ReportBody {
  check(found);
  const { reply_to: wayBack } = found;
  refuseUnless(typeof wayBack === "string");
  try {
    unbase64(wayBack as string);
  } catch (error) {
    refuseUnless(!(error instanceof KeyTextError));
    throw error;
  }
  return found as unknown as ReportBody;
}

function addition(found: Members): AdditionBody {
  check(found);
  names(found["refer"]);
  refuseUnless(Array.isArray(found["people"]));
  (found["people"] as readonly Json[]).forEach(answers);
  return found as unknown as AdditionBody;
}

/** Read a note; what sets something that is not known here is of a newer program. */
function work(found: Members): WorkBody | NewerBody {
  const { at, sets, tags, text, who } = found;
  const values = members(sets);
  const marks = members(tags);
  const lines = [...Object.values(values), ...Object.keys(marks), who];
  refuseUnless(typeof at === "number" && at > 0 && typeof text === "string");
  refuseUnless(lines.every((line) => typeof line === "string" && isLine(line)));
  refuseUnless(Object.values(marks).every((mark) => typeof mark === "boolean"));
  refuseUnless(Object.keys(marks).length <= TAGS && !("" in marks));
  refuseUnless(text !== "" || lines.length > 1);
  const isKnown =
    Object.keys(values).every((name) => SETS.includes(name)) &&
    STATUSES.includes((values["status"] ?? "new") as string);
  return isKnown ? (found as unknown as WorkBody) : { type: "" };
}

/** Whether a text is one short line, without spaces around it and without what steers a display. */
function isLine(text: string): boolean {
  const isShort = [...text].length <= LINE_CHARACTERS;
  return isShort && text === inline(text).trim() && !/[\u2028\u2029]/.test(text);
}

/** Check what reports and additions have in common. Raises EntryError. */
function check(found: Members): void {
  const texts = TEXTS.filter((name) => name in found);
  refuseUnless(texts.every((name) => typeof found[name] === "string"));
  refuseUnless(typeof found["unscripted"] === "boolean" && Array.isArray(found["evidence"]));
  answers(found["answers"]);
  evidence(found["evidence"] as readonly Json[]);
}

function answers(value: Json | undefined): Answers {
  const found = members(value);
  for (const answer of Object.values(found)) {
    if (typeof answer !== "string") {
      names(answer);
    }
  }
  return found as Answers;
}

function evidence(found: readonly Json[]): void {
  const files = found.map((one) => members(one, "digest,id,key,length,name,of,type"));
  refuseUnless(files.length <= 2 * FILES);
  refuseUnless(files.every(isFile) && new Set(files.map(({ id }) => id)).size === files.length);
}

function isFile(file: Members): boolean {
  const { length, ...texts } = file as unknown as Evidence;
  return (
    Object.values(texts).every((value) => typeof value === "string") &&
    typeof length === "number" &&
    0 <= length &&
    length <= FILE_LENGTH &&
    ID.test(texts.id) &&
    DIGEST.test(texts.digest) &&
    KEY.test(texts.key) &&
    TYPE.test(texts.type) &&
    NAME.test(texts.name) &&
    [...texts.name].length <= NAME_CHARACTERS &&
    (texts.of === "" || ID.test(texts.of)) &&
    texts.of !== texts.id
  );
}
