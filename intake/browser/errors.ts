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
