/** A letter: what one office is told, dated, sealed to whoever reads for it. */
import { base64, type Bytes, type Random, unbase64 } from "../bytes.ts";
import { type AdditionBody, encode, type Entry, type ReportBody, type StubBody } from "../core/entry.ts";
import type { Answers, Programme } from "../core/programme.ts";
import { seal } from "../crypto/age.ts";
import { authenticate } from "../crypto/derive.ts";
import type { Letter } from "./wire.ts";

/** What is told, before it is sealed; a message has a key for its MAC. */
export interface Draft {
  readonly case: string;
  readonly office: string;
  readonly entry: string;
  readonly body: ReportBody | AdditionBody | StubBody;
  readonly seen: readonly string[];
  readonly messageKey: Bytes | null;
  /** Whom it is sealed to, where it is no office. */
  readonly recipient?: Bytes;
}

// What each body makes its entry.
const KINDS = { report: "report", addition: "message", stub: "note" } as const;

/** Return a letter sealed to the keys of its office's reader. Raises EntryError, KeyTextError. */
export async function sealLetter(
  programme: Programme,
  draft: Draft,
  random: Random,
): Promise<Letter> {
  const { body, office, recipient } = draft;
  const kind = KINDS[body.type];
  let entry: Entry = {
    body,
    case: draft.case,
    date: localDate(new Date()),
    direction: kind === "note" ? "own" : "in",
    format: "intake/entry/v1",
    id: draft.entry,
    kind,
    mac: "",
    office,
    programme: programme.programme,
    seen: draft.seen,
  };
  if (draft.messageKey) {
    entry = await authenticate(entry, draft.messageKey);
  }
  const reader = readerOf(programme, office);
  const keys = recipient ? [recipient] : (programme.keys[reader] ?? []).map(unbase64);
  const { header, payload } = await seal(encode(entry), keys, random);
  return {
    entry: draft.entry,
    evidence: "evidence" in body ? body.evidence.map((file) => file.id) : [],
    header: base64(header),
    kind,
    payload: base64(payload),
    reader,
  };
}

/** Return the keyed office that reads what is sealed for an office. */
export function readerOf(programme: Programme, office: string): string {
  return programme.offices.find((one) => one.id === office)?.reader || office;
}

/** Return the answers that hold something. */
export function kept(answers: Answers): Answers {
  return Object.fromEntries(Object.entries(answers).filter(([, answer]) => answer.length > 0));
}

/** Return the local day with its offset from UTC, as an entry carries it. */
export function localDate(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const offset = -now.getTimezoneOffset();
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${day}${offset < 0 ? "-" : "+"}${two(hours)}:${two(minutes)}`;
}
