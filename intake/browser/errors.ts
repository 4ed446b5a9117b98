/**
 * Every error these scripts raise on purpose.
 *
 * Rules: a message says what to do next and never holds a word a person typed, an address or
 * a key. The page shows its own texts by kind and code; messages are for whoever debugs.
 */

/** The root: what went wrong and what to do next. */
export class IntakeError extends Error {}

/** An answer or the programme's data is not what it must be. */
export class ReportError extends IntakeError {}

/** An entry cannot be written. */
export class EntryError extends IntakeError {}

/** A recipient or an identity cannot be used. */
export class KeyTextError extends IntakeError {}

/** What was sealed cannot be opened: it was meant for another, or altered. */
export class OpenError extends IntakeError {
  readonly code: "closed" | "altered";

  constructor(message: string, code: OpenError["code"]) {
    super(message);
    this.code = code;
  }
}

/** What was typed is no receipt; `places` (from 1) are those that fit no list. */
export class ReceiptError extends IntakeError {
  readonly code: "count" | "unknown" | "language";
  readonly places: readonly number[];

  constructor(message: string, code: ReceiptError["code"], places: readonly number[] = []) {
    super(message);
    this.code = code;
    this.places = places;
  }
}

/** Why the opener could not use a file that was given to it: each has its own sentence there. */
export type AsideCode =
  // An identity file.
  | "identity_none"
  | "identity_text"
  | "identity_line"
  | "identity_large"
  | "identity_damaged"
  | "identity_other"
  | "passphrase_needed"
  | "passphrase_wrong"
  | "work"
  | "memory"
  | "classic"
  // A sealed file.
  | "unreadable"
  | "empty"
  | "not_age"
  | "classic_file"
  | "by_passphrase"
  | "closed"
  | "cut"
  | "altered"
  | "not_entry"
  | "programme"
  | "misplaced"
  | "office"
  | "forged"
  | "unsigned"
  | "twice"
  | "many"
  | "tar_cut"
  | "tar_strange"
  | "unnamed"
  // Evidence.
  | "file_missing"
  | "file_other"
  | "file_cut"
  | "file_long"
  | "file_altered"
  | "file_digest"
  | "picture"
  | "picture_large";

/** What was given to the opener cannot be used, for this reason. */
export class AsideError extends IntakeError {
  readonly code: AsideCode;
  /** The line that is meant, from 1; 0 is none. */
  readonly line: number;

  constructor(code: AsideCode, line = 0) {
    super(`it is set aside: ${code}`);
    this.code = code;
    this.line = line;
  }
}
