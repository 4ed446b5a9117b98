/**
 * What is wrong with the answers to a group of questions; the same as `intake.core.report`.
 *
 * Rules: characters are counted as Python counts them, by code points; every problem is named,
 * in the order of the questions; nothing a person typed stands in a problem.
 */
import type { Answer, Answers, Group, Programme, Question } from "./programme.ts";

/** What stands beside every question instead of an answer. */
export const ESCAPES: readonly string[] = ["unknown", "declined"];

// As in intake.core.limits: a family; a larger group is counted, or added in several parts.
export const PEOPLE = 12;

export type Code =
  | "required"
  | "too_long"
  | "not_offered"
  | "not_text"
  | "not_yours"
  | "too_many"
  | "nothing"
  | "no_office";

/** `person` counts from 0, -1 is none; `office` is whose own; no question: the whole page. */
export interface Problem {
  readonly question: string;
  readonly code: Code;
  readonly limit: number;
  readonly person: number;
  readonly office: string;
}

// Control characters but tab and line ends, and halves of surrogate pairs.
const NOT_TEXT = /[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]/u;

// What Python strips; `trim` also takes the byte order mark, and leaves the separators.
const BLANK = /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/;

/**
 * Return everything that is wrong with the answers, in the order of the questions. What must be
 * told may also be spoken: then a voice is among the evidence.
 */
export function problems(
  answers: Answers,
  programme: Programme,
  group: Group,
  people: readonly Answers[] = [],
  isSpoken = false,
): Problem[] {
  const found = inAnswers(group.questions, answers).filter(
    (one) => !(isSpoken && one.code === "required"),
  );
  if (people.length > PEOPLE) {
    return [...found, problem("", "too_many", PEOPLE)];
  }
  people.forEach((answered, person) => {
    const wrong = [...inAnswers(group.people, answered), ...inConsent(answered, programme)];
    found.push(...wrong.map((one) => ({ ...one, person })));
  });
  return found;
}

/** Return what is wrong with the answers meant for one office alone. */
export function officeProblems(office: string, answers: Answers, group: Group): Problem[] {
  return inAnswers(group.per_office, answers).map((one) => ({ ...one, office }));
}

/**
 * Return what is wrong with a page as a whole: nothing at all is answered, or what each office
 * is to be told is told to none. `offices` holds the answers for each office that was ticked.
 */
export function pageProblems(
  answers: Answers,
  group: Group,
  people: readonly Answers[],
  offices: Readonly<Record<string, Answers>>,
  hasFiles = false,
): Problem[] {
  const told = Object.values(offices);
  const given = [answers, ...people, ...told].flatMap((part) => Object.values(part));
  if (!hasFiles && !group.keeper && given.every((answer) => answer.length === 0)) {
    return [problem("", "nothing")];
  }
  return group.per_office.length > 0 && told.length === 0 ? [problem("", "no_office")] : [];
}

/** Return how many code points a text has; half a pair counts as one. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) {
    count += 1;
  }
  return count;
}

function problem(question: string, code: Code, limit = 0): Problem {
  return { question, code, limit, person: -1, office: "" };
}

function inAnswers(questions: readonly Question[], answers: Answers): Problem[] {
  return questions.flatMap((question) => {
    const answer = answers[question.name] ?? "";
    const wrong = answer.length > 0 ? inAnswer(question, answer) : [];
    const isMissing = typeof answer !== "string" || BLANK.test(answer);
    return question.required && isMissing ? [...wrong, problem(question.name, "required")] : wrong;
  });
}

function inAnswer(question: Question, answer: Answer): Problem[] {
  const { name, kind, limit } = question;
  if (kind === "choice" || kind === "choices") {
    return fits(question, answer) ? [] : [problem(name, "not_offered")];
  }
  if (typeof answer !== "string") {
    const isEscape = answer.length === 1 && ESCAPES.includes(answer[0] as string);
    return isEscape ? [] : [problem(name, "not_offered")];
  }
  return [
    ...(characters(answer) > limit ? [problem(name, "too_long", limit)] : []),
    ...(NOT_TEXT.test(answer) ? [problem(name, "not_text")] : []),
  ];
}

function fits(question: Question, answer: Answer): boolean {
  const chosen = terms(answer);
  const isOffered = chosen.every((term) => question.terms.includes(term) || ESCAPES.includes(term));
  const isOnce = new Set(chosen).size === chosen.length && chosen.length <= question.limit;
  return isOffered && isOnce && (question.kind === "choice") === (typeof answer === "string");
}

/**
 * Yes is asked for the person herself and for small children in her care, for nobody else. An
 * age that is no number is not known to be below the programme's.
 */
function inConsent(person: Answers, programme: Programme): Problem[] {
  const limit = programme.asked_from_age;
  const agreed = terms(person["agrees"] ?? []).filter(
    (term) => term !== "nothing" && !ESCAPES.includes(term),
  );
  const relation = person["relation"];
  const age = person["age"] ?? "";
  const isSmall = typeof age === "string" && isBelow(age, limit);
  const isHers = relation === "self" || (relation === "in-my-care" && isSmall);
  return agreed.length > 0 && !isHers ? [problem("agrees", "not_yours", limit)] : [];
}

/** Whether an age is written with numbers, all of them below the limit. */
function isBelow(age: string, limit: number): boolean {
  const numbers = age.match(/\p{Nd}+/gu) ?? [];
  return (
    numbers.length > 0 &&
    numbers.every((digits) => characters(digits) <= 2 && number(digits) < limit)
  );
}

/** Return the number written in the digits of any script, as Python reads it. */
function number(digits: string): number {
  let value = 0;
  for (const digit of digits.normalize("NFKD")) {
    let zero = digit.codePointAt(0) as number;
    const top = zero;
    // The ten digits of a script follow one another.
    while (top - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) {
      zero -= 1;
    }
    value = value * 10 + top - zero;
  }
  return value;
}

function terms(answer: Answer): readonly string[] {
  return typeof answer === "string" ? [answer] : answer;
}
