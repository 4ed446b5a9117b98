/** The persons on a page: each a part of the form of its own, added and taken away by buttons. */
import type { Answers, Question } from "../core/programme.ts";
import { answers, type Texts } from "./answers.ts";
import { all, filled, find, make } from "./dom.ts";

const NUMBERED = ["id", "name", "for", "aria-labelledby", "aria-describedby"];

export class People {
  readonly #form: HTMLFormElement;
  readonly #texts: Texts;
  readonly #empty: HTMLElement;
  readonly #more: HTMLButtonElement;
  readonly #most: number;

  constructor(form: HTMLFormElement, texts: Texts, most: number) {
    this.#form = form;
    this.#texts = texts;
    this.#most = most;
    this.#empty = find(form, "[data-person]").cloneNode(true) as HTMLElement;
    this.#more = find(form, "[name=do][value=more]");
    this.#more.type = "button";
    this.#more.onclick = () => this.#add();
  }

  /** Return the answers for each person, in the order of the page. */
  answers(questions: readonly Question[]): Answers[] {
    return this.#all().map((_, number) => answers(this.#form, questions, `person-${number}-`));
  }

  #all(): HTMLElement[] {
    return all(this.#form, "[data-person]");
  }

  #add(): void {
    const added = this.#empty.cloneNode(true) as HTMLElement;
    this.#more.before(added);
    this.#number();
    const title = find(added, "h2");
    title.tabIndex = -1;
    title.focus();
  }

  #drop(person: HTMLElement): void {
    person.remove();
    this.#number();
    this.#more.focus();
  }

  /** Number the persons anew, with a button to take each away where there are several. */
  #number(): void {
    const people = this.#all();
    people.forEach((person, number) => {
      for (const part of [person, ...all(person, "*")]) {
        for (const attribute of NUMBERED) {
          const value = part.getAttribute(attribute);
          if (value !== null) {
            part.setAttribute(attribute, renumbered(value, number));
          }
        }
      }
      find(person, "h2").textContent = filled(this.#texts["person"] ?? "", { number: number + 1 });
      person.querySelector("[data-drop]")?.remove();
      if (people.length > 1) {
        const text = filled(this.#texts["drop_person"] ?? "", { number: number + 1 });
        const drop = make("button", { type: "button", class: "plain", "data-drop": "" }, text);
        drop.onclick = () => this.#drop(person);
        person.append(drop);
      }
    });
    this.#more.hidden = people.length >= this.#most;
  }
}

/** Fields count persons from 0, titles from 1. */
function renumbered(value: string, number: number): string {
  return value
    .replace(/\bperson-\d+-/g, `person-${number}-`)
    .replace(/^person-\d+$/, `person-${number + 1}`);
}
