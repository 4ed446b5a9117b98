/**
 * An opened entry as a person reads it, part by part; as `intake.core.reading` lays it out.
 *
 * Rules: nothing here is markup; what a report holds is printable; a label comes from the programme
 * that this file carries, and what has none is shown under its own name.
 */
import type { Found, WorkBody } from "../core/entries.ts";
import type { AdditionBody, MessageBody, ReportBody } from "../core/entry.ts";
import type { Answer, Answers } from "../core/programme.ts";
import { filled } from "../page/dom.ts";
import { type Facts, labelOf, type Question } from "./facts.ts";
import { inline, printable } from "../core/printable.ts";

/** Persons of whom it is said what was not asked: four times as many as fit into an honest one. */
const PEOPLE = 50;

/** A question with its answer; what tells of the entry itself; a heading. */
export type Part =
  | { readonly kind: "answer"; readonly label: string; readonly text: string; readonly isClock: boolean }
  | { readonly kind: "note" | "heading"; readonly text: string };

/** Return the parts of an entry in order. */
export function layout(found: Found, facts: Facts): readonly Part[] {
  return new Layout(facts).entry(found);
}

/** Return the name of an office, its id where the programme has none. */
export function officeName(id: string, { offices }: Facts): string {
  return inline(offices.find((office) => office.id === id)?.name ?? id);
}

class Layout {
  readonly #facts: Facts;
  readonly #parts: Part[] = [];

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  entry({ body }: Found): readonly Part[] {
    switch (body.type) {
      case "report":
        this.#report(body);
        break;
      case "addition":
        this.#addition(body);
        break;
      case "text":
        this.#message(body);
        break;
      case "work":
        this.#work(body);
        break;
      case "stub":
        this.#note("stub");
        break;
      case "":
        this.#note("newer");
    }
    return this.#parts;
  }

  #report(body: ReportBody): void {
    this.#circumstances(body);
    if (!body.reply_to) {
      this.#note("no_way_back");
    }
    const { questions, groupsByName } = this.#facts;
    this.#answers(questions.filter(({ name }) => name in body.answers), body.answers);
    const asked = groupsByName.get("report")?.questions ?? [];
    this.#left(asked.filter((name) => !(name in body.answers)));
    if (body.contact) {
      this.#answer(this.#text("contact"), printable(body.contact));
    }
  }

  #addition(body: AdditionBody): void {
    const { groupsByName, notices } = this.#facts;
    const group = groupsByName.get(body.group);
    const label = group?.label ?? labelOf(notices, body.group);
    this.#parts.push({ kind: "heading", text: inline(label) });
    this.#circumstances(body);
    if (body.keeper) {
      this.#note("keeper");
    }
    if (body.refer.length > 0) {
      const offices = body.refer.map((office) => officeName(office, this.#facts)).join(", ");
      this.#note("refer", { offices });
    }
    if (group && group.per_office.length > 0) {
      this.#note("for_this_office");
    }
    this.#asked([...(group?.questions ?? []), ...(group?.per_office ?? [])], body.answers);
    body.people.forEach((person, at) => {
      if (at < PEOPLE || Object.keys(person).length > 0) {
        const text = this.#text("person", { number: at + 1, of: body.people.length });
        this.#parts.push({ kind: "heading", text });
        this.#asked(group?.people ?? [], person, at < PEOPLE);
      }
    });
  }

  #message(body: MessageBody): void {
    this.#parts.push({ kind: "answer", label: "", text: printable(body.text), isClock: false });
    for (const name of body.asks) {
      const label = this.#facts.groupsByName.get(name)?.label ?? name;
      this.#note("asks", { group: inline(label) });
    }
  }

  #work({ sets, tags, text, who }: WorkBody): void {
    this.#parts.push({ kind: "heading", text: this.#text("work_by", { who: inline(who) }) });
    for (const [name, value] of Object.entries(sets)) {
      const said = name === "status" ? this.#text(`status_${value}`) : inline(value);
      this.#answer(this.#text(`work_${name}`), said);
    }
    for (const [tag, isThere] of Object.entries(tags)) {
      this.#answer(this.#text(isThere ? "tag_added" : "tag_removed"), inline(tag));
    }
    if (text) {
      this.#answer("", printable(text));
    }
  }

  /** Lay out answers to some questions, then those that nobody asked, then what was left. */
  #asked(names: readonly string[], answers: Answers, tellsLeft = true): void {
    const questions = names.flatMap((name) => this.#facts.byName.get(name) ?? []);
    this.#answers(questions.filter(({ name }) => name in answers), answers, names);
    this.#left(tellsLeft ? names.filter((name) => !(name in answers)) : []);
  }

  #answers(questions: readonly Question[], answers: Answers, known?: readonly string[]): void {
    for (const question of questions) {
      const { label, clock } = question;
      this.#answer(label, this.#read(question, answers[question.name] as Answer), clock);
    }
    const isKnown = (name: string): boolean => known?.includes(name) ?? this.#facts.byName.has(name);
    for (const name of Object.keys(answers).filter((one) => !isKnown(one)).sort()) {
      this.#answer(inline(name), printable(terms(answers[name] as Answer).join("\n")));
    }
  }

  /** Return an answer as a person reads it, a choice by its label. */
  #read({ choice, terms: known }: Question, answer: Answer): string {
    if (!choice && typeof answer === "string") {
      return printable(answer);
    }
    const { escapes } = this.#facts;
    return terms(answer)
      .map((term) => inline(labelOf(escapes, labelOf(known, term))))
      .join("\n");
  }

  #left(names: readonly string[]): void {
    const labels = names.flatMap((name) => this.#facts.byName.get(name)?.label ?? []);
    if (labels.length > 0) {
      this.#note("not_asked", { questions: labels.join("; ") });
    }
  }

  #circumstances(body: ReportBody | AdditionBody): void {
    if (body.unscripted) {
      this.#note("unscripted");
    }
    if (body.digest !== this.#facts.digest) {
      this.#note("version", { version: inline(body.version) });
    }
  }

  #answer(label: string, text: string, isClock = false): void {
    this.#parts.push({ kind: "answer", label, text, isClock: isClock && text !== "" });
  }

  #note(name: string, values: Readonly<Record<string, string | number>> = {}): void {
    this.#parts.push({ kind: "note", text: this.#text(name, values) });
  }

  #text(name: string, values: Readonly<Record<string, string | number>> = {}): string {
    return filled(this.#facts.texts[name] ?? "", values);
  }
}

function terms(answer: Answer): readonly string[] {
  return typeof answer === "string" ? [answer] : answer;
}
