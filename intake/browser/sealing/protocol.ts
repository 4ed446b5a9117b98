/** What the page asks of the Worker that seals, and what it is answered. */
import type { Answers, Programme } from "../core/programme.ts";
import type { Problem } from "../core/report.ts";
import type { Proposal, Routing } from "../core/routing.ts";
import type { Addition, CaseView } from "./case.ts";
import type { Filing } from "./filing.ts";
import type { Filed } from "./wire.ts";

/** What is checked: the answers of one group, of its persons, and for each office. */
export interface Given {
  readonly group: string;
  readonly answers: Answers;
  readonly people: readonly Answers[];
  readonly own: Readonly<Record<string, Answers>>;
  readonly isSpoken: boolean;
  readonly hasFiles: boolean;
}

/** Ten words, each with its number. */
export type Words = readonly (readonly [word: string, number: string])[];

/** Every call with its argument and its answer. */
export interface Calls {
  /** Whether this Worker can seal here; a programme must be given before any other call. */
  begin: { asked: Programme; answer: boolean };
  words: { asked: null; answer: Words };
  problems: { asked: Given; answer: readonly Problem[] };
  route: { asked: Answers; answer: Routing };
  file: { asked: Filing; answer: Filed };
  look: { asked: null; answer: CaseView };
  proposals: { asked: { group: string; answers: Answers }; answer: readonly Proposal[] };
  add: { asked: Addition; answer: CaseView };
}

export type Name = keyof Calls;

export interface Request<N extends Name = Name> {
  readonly id: number;
  readonly name: N;
  readonly asked: Calls[N]["asked"];
}

/** An answer, or the code of what failed. */
export type Response =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly failed: string };
