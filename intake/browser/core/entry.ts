/** An entry: one sealed thing of a case, and what stands inside it; as in `intake.core.entry`. */
import type { Bytes } from "../bytes.ts";
import { EntryError, ReportError } from "../errors.ts";
import { encode as canonical, type Json } from "./canonical.ts";
import type { Evidence } from "./evidence.ts";
import { bucket } from "./padding.ts";
import type { Answers } from "./programme.ts";

/** Her office for a note to herself; no programme may have an office of this name. */
export const WITNESS = "witness";

/** What one office is told; `reply_to` is base64 of 1216 bytes, or empty. */
export interface ReportBody {
  readonly type: "report";
  readonly answers: Answers;
  readonly contact: string;
  readonly digest: string;
  readonly evidence: readonly Evidence[];
  readonly language: string;
  readonly message_key: string;
  readonly reply_to: string;
  readonly unscripted: boolean;
  readonly version: string;
}

/** What a witness adds to her case, as one office is told it. */
export interface AdditionBody {
  readonly type: "addition";
  readonly answers: Answers;
  readonly digest: string;
  readonly evidence: readonly Evidence[];
  readonly group: string;
  /** Lets this office give new words (hex), empty in all else. */
  readonly keeper: string;
  readonly language: string;
  readonly people: readonly Answers[];
  readonly refer: readonly string[];
  readonly unscripted: boolean;
  readonly version: string;
}

/** The words of a message; `asks` names groups of questions to be answered. */
export interface MessageBody {
  readonly type: "text";
  readonly asks: readonly string[];
  readonly text: string;
}

/** What a filing browser seals to its own words, so that other keys are seen later. */
export interface StubBody {
  readonly type: "stub";
  /** The SHA-256 (hex) of each entry's payload, by its id. */
  readonly digests: Readonly<Record<string, string>>;
  /** The fingerprints (hex) that it was sealed to, by keyed office. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

/** The plaintext of an entry. `mac` (hex) is empty in a report, which carries the key. */
export interface Entry {
  readonly body: ReportBody | AdditionBody | MessageBody | StubBody;
  readonly case: string;
  readonly date: string;
  readonly direction: "in" | "out" | "own";
  readonly format: "intake/entry/v1";
  readonly id: string;
  readonly kind: "report" | "message" | "reply" | "note";
  readonly mac: string;
  readonly office: string;
  readonly programme: string;
  readonly seen: readonly string[];
}

/** Return the plaintext, padded with spaces to its bucket. Raises EntryError. */
export function encode(entry: Entry): Bytes {
  const data = written(entry);
  const padded = new Uint8Array(bucket(data.length)).fill(0x20);
  padded.set(data);
  return padded;
}

/** Return the bytes that the MAC covers: everything but itself. Raises EntryError. */
export function authenticated(entry: Entry): Bytes {
  return written({ ...entry, mac: "" });
}

function written(entry: Entry): Bytes {
  try {
    return canonical(entry as unknown as Json);
  } catch (error) {
    throw error instanceof ReportError ? new EntryError(error.message) : error;
  }
}
