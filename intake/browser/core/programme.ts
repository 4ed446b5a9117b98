/**
 * What the server tells the page about its programme, as JSON.
 *
 * The page computes from it which offices a report may go to and what is wrong with an answer;
 * the server never learns the answers.
 */

/** A text, a single choice, several choices; to a text also one of the escapes, in a list. */
export type Answer = string | readonly string[];

export type Answers = Readonly<Record<string, Answer>>;

export interface Office {
  readonly id: string;
  readonly name: string;
  /** The keyed office that reads what is sealed for this one; empty or itself where it has keys. */
  readonly reader: string;
  /** The agency it belongs to, a term of the vocabulary, or empty. */
  readonly agency: string;
  readonly department: string;
  readonly open: boolean;
  /** The groups of questions without which it can hardly act. */
  readonly needs: readonly string[];
}

export interface Route {
  readonly office: string;
  /** Terms by facet: every facet must have one of its terms. */
  readonly match: Readonly<Record<string, readonly string[]>>;
}

export interface Question {
  readonly name: string;
  readonly kind: "text" | "line" | "choice" | "choices";
  /** Characters of a text, choices of a choice. */
  readonly limit: number;
  readonly required: boolean;
  /** The ids that answer a choice, the programme's or its own; empty for a text. */
  readonly terms: readonly string[];
}

export interface Group {
  readonly name: string;
  readonly questions: readonly Question[];
  /** Asked for each of several persons. */
  readonly people: readonly Question[];
  /** Asked for each office, and told to it alone. */
  readonly per_office: readonly Question[];
  readonly reroutes: boolean;
  readonly private: boolean;
  /** Told to one office alone, which can give new words from then on. */
  readonly keeper: boolean;
  readonly files: boolean;
}

export interface Programme {
  readonly programme: string;
  readonly version: string;
  readonly digest: string;
  readonly language: string;
  readonly fallback: string;
  readonly offices: readonly Office[];
  /** By reader: the recipients of its keys, base64 of 1216 bytes each. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly routes: readonly Route[];
  /** The department of each term of the agencies, where it has one. */
  readonly departments: Readonly<Record<string, string>>;
  /** From this age on a child is asked herself. */
  readonly asked_from_age: number;
  readonly groups: readonly Group[];
  /** What is told without a question, by the name of its group. */
  readonly notices: readonly string[];
  /** The 2048 words of the page's language, or English ones, with spaces between. */
  readonly words: string;
  /** What the script says, by name, in the page's language. */
  readonly texts: Readonly<Record<string, string>>;
  /** The largest file the server takes, sealed. */
  readonly file_bytes: number;
}
