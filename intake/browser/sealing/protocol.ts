/** What the page asks of the Worker that seals, and what it is answered. */
import type { Answers, Programme } from "../core/programme.ts";
import type { Problem } from "../core/report.ts";
import type { Proposal, Routing } from "../core/routing.ts";
import type { Addition, CaseView } from "./case.ts";
import type { Filing } from "./filing.ts";
import type { Thread } from "./thread.ts";
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

/** What was typed as ten words, and the language of their list where it was chosen. */
export interface Typed {
  readonly text: string;
  readonly list: string;
}

/** The case behind ten words, or why they are none, with the places (from 1) that fit no list. */
export interface Back {
  readonly view: CaseView | null;
  readonly code: string;
  readonly places: readonly number[];
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
  /** Of the Worker that opens: what is wrong with words typed so far, by place from 1. */
  unfit: { asked: Typed; answer: readonly number[] };
  comeBack: { asked: Typed; answer: Back };
  thread: { asked: null; answer: Thread };
  discard: { asked: string; answer: CaseView };
  withdraw: { asked: string; answer: { readonly read: boolean; readonly view: CaseView } };
  deletion: { asked: boolean; answer: CaseView };
  close: { asked: null; answer: null };
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
