/** What the file carries for its script, as `intake.web.opener` writes it. */

export interface Office {
  readonly id: string;
  readonly name: string;
  /** The keyed office that reads what is sealed for this one: itself, where it has keys. */
  readonly reader: string;
}

export interface Question {
  readonly name: string;
  readonly label: string;
  /** Whether an answer is a date after which it is too late. */
  readonly clock: boolean;
  readonly choice: boolean;
  /** The label of each term by its id. */
  readonly terms: Labels;
}

export interface Group {
  readonly name: string;
  readonly label: string;
  readonly questions: readonly string[];
  readonly people: readonly string[];
  readonly per_office: readonly string[];
}

/** Ids with their labels, in pairs: what a report names can then never be a member of an object. */
export type Labels = readonly (readonly [id: string, label: string])[];

interface Carried {
  readonly programme: string;
  readonly digest: string;
  readonly offices: readonly Office[];
  /** All of them, in their order. */
  readonly questions: readonly Question[];
  readonly groups: readonly Group[];
  readonly notices: Labels;
  readonly escapes: Labels;
  readonly texts: Readonly<Record<string, string>>;
}

export interface Facts extends Carried {
  readonly byName: ReadonlyMap<string, Question>;
  readonly groupsByName: ReadonlyMap<string, Group>;
}

/** Return what a file carries. Raises Error where it is not whole. */
export function facts(text: string): Facts {
  const carried = JSON.parse(text) as Carried;
  return {
    ...carried,
    byName: new Map(carried.questions.map((question) => [question.name, question] as const)),
    groupsByName: new Map(carried.groups.map((group) => [group.name, group] as const)),
  };
}

/** Return the label of an id, itself where it has none. */
export function labelOf(labels: Labels, id: string): string {
  return labels.find(([known]) => known === id)?.[1] ?? id;
}
