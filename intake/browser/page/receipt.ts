/**
 * What the script adds to the ten words on the page: paper, and the question whether they were
 * noted.
 *
 * Rules: nothing is on paper or in a print queue unless Print is pressed, and then nothing but
 * the words, their numbers and a code of the numbers, without title or address; the words are
 * hidden while two of them are asked, and can be looked at again at any time.
 */
import { fold } from "../core/receipt.ts";
import { button, element } from "./dom.ts";
import { modules } from "./qr.ts";

/** What is shown, in the witness's language. In `place`, "%(number)s" is 1 to 10. */
export interface ReceiptTexts {
  readonly print: string;
  /** The title of the paper: the browser may print it and names a saved file by it. */
  readonly paper: string;
  readonly code: string;
  readonly noted: string;
  readonly ask: string;
  readonly place: string;
  readonly check: string;
  readonly again: string;
  /** Beside a field: this is not the word at this place. */
  readonly wrong: string;
  readonly right: string;
}

/** A word and its number of four digits, as the page shows them. */
export type Word = readonly [word: string, number: string];

export interface Asked {
  /** Resolves when she has given two of the words, and never otherwise. */
  readonly confirmed: Promise<void>;
}

const SVG = "http://www.w3.org/2000/svg";
// The standard asks for four light modules around a code.
const MARGIN = 4;
const ASKED = 2;

/** Add both to `place`. The page's own list, `.words`, is hidden while words are asked. */
export function receipt(place: HTMLElement, words: readonly Word[], texts: ReceiptTexts): Asked {
  const status = element("p");
  status.setAttribute("role", "status");
  const print = button(texts.print, () => printed(words, texts));
  place.append(print);
  return { confirmed: new Promise((resolve) => askBack(place, status, words, texts, resolve)) };
}

/**
 * Print nothing but the paper: the style sheet hides the rest of a body of class `printing`.
 *
 * The title is another one meanwhile, because browsers print it in the margin.
 */
function printed(words: readonly Word[], texts: ReceiptTexts): void {
  const made = paper(words, texts);
  const { title } = document;
  const clear = (): void => {
    made.remove();
    document.body.classList.remove("printing");
    document.title = title;
  };
  // Not after print() returns: on phones that is before anything is printed.
  window.addEventListener("afterprint", clear, { once: true });
  document.body.append(made);
  document.body.classList.add("printing");
  document.title = texts.paper;
  window.print();
}

/** Return the paper, `hidden` on the screen whatever the style sheet says. */
function paper(words: readonly Word[], texts: ReceiptTexts): HTMLElement {
  const made = element("section");
  made.className = "paper";
  made.hidden = true;
  const list = element("ol");
  for (const [word, number] of words) {
    const line = element("li");
    line.append(element("b", word), " ", element("span", number));
    list.append(line);
  }
  made.append(list, code(words.map(([, number]) => number).join(" "), texts.code));
  return made;
}

function code(text: string, label: string): SVGElement {
  const rows = modules(text);
  const side = rows.length + 2 * MARGIN;
  const dark = rows.flatMap((row, down) =>
    [...row].map((one, across) =>
      one === "1" ? `M${across + MARGIN} ${down + MARGIN}h1v1h-1z` : "",
    ),
  );
  const drawing = drawn("svg", { viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": label });
  drawing.append(
    drawn("path", { d: `M0 0h${side}v${side}H0z`, fill: "#fff" }),
    drawn("path", { d: dark.join(""), fill: "#000" }),
  );
  return drawing;
}

/** Add the question to `place`; `right` is called after two right answers. */
function askBack(
  place: HTMLElement,
  status: HTMLElement,
  words: readonly Word[],
  texts: ReceiptTexts,
  right: () => void,
): void {
  const list = document.querySelector<HTMLElement>(".words");
  const form = element("form");
  const asked = twoOf(words.length).map((at) => new Question(at, words[at] as Word, texts));
  const start = button(texts.noted, () => show(true), "plain");
  const again = button(texts.again, () => show(false), "plain");
  const check = element("button", texts.check);
  function show(isAsking: boolean): void {
    if (list) list.hidden = isAsking;
    form.hidden = !isAsking;
    start.hidden = isAsking;
    status.textContent = isAsking ? texts.ask : "";
    if (isAsking) asked[0]?.field.focus();
    else start.focus();
  }
  form.noValidate = true;
  form.autocomplete = "off";
  form.hidden = true;
  form.append(...asked.map((one) => one.element), check, again);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = asked.filter((one) => !one.isRight());
    wrong[0]?.field.focus();
    if (wrong.length > 0) return;
    // The words stay hidden: whoever passes by shall not read them now.
    form.remove();
    status.textContent = texts.right;
    // The field that was written in is gone.
    status.tabIndex = -1;
    status.focus();
    right();
  });
  place.append(start, status, form);
}

/** One place of the ten: its field, and what is said where the answer is wrong. */
class Question {
  readonly element = element("div");
  readonly field = element("input");
  private readonly error = element("p");
  private readonly word: Word;
  private readonly texts: ReceiptTexts;

  constructor(at: number, word: Word, texts: ReceiptTexts) {
    this.word = word;
    this.texts = texts;
    const label = element("label", texts.place.replace("%(number)s", String(at + 1)));
    this.field.id = `asked-${at + 1}`;
    this.error.id = `asked-${at + 1}-wrong`;
    this.error.className = "error";
    this.error.setAttribute("role", "alert");
    this.error.hidden = true;
    label.htmlFor = this.field.id;
    this.field.type = "text";
    // Each by itself, or browsers keep or send what is typed.
    for (const name of ["autocomplete", "autocorrect", "autocapitalize"]) {
      this.field.setAttribute(name, "off");
    }
    for (const name of ["spellcheck", "writingsuggestions"]) {
      this.field.setAttribute(name, "false");
    }
    this.element.className = "question";
    this.element.append(label, this.error, this.field);
  }

  /** Whether the answer is the word or its number; says so where it is not. */
  isRight(): boolean {
    const isRight = matches(this.field.value, this.word);
    this.error.hidden = isRight;
    this.error.textContent = isRight ? "" : this.texts.wrong;
    if (isRight) {
      this.field.removeAttribute("aria-invalid");
      this.field.removeAttribute("aria-describedby");
    } else {
      this.field.setAttribute("aria-invalid", "true");
      this.field.setAttribute("aria-describedby", this.error.id);
    }
    return isRight;
  }
}

/** Whether a typed text is the word, however written, or its number, in any digits. */
export function matches(typed: string, [word, number]: Word): boolean {
  const answer = fold(typed).trim();
  const digits = answer.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) =>
    String(digit.charCodeAt(0) & 0xf),
  );
  if (/^[0-9]{1,4}$/.test(digits)) return Number(digits) === Number(number);
  return answer !== "" && answer === fold(word);
}

/** Return two different places in order, each pair as likely as any other. */
function twoOf(count: number): number[] {
  const places = new Set<number>();
  while (places.size < Math.min(ASKED, count)) {
    const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
    places.add(random % count);
  }
  return [...places].sort((one, other) => one - other);
}

function drawn(tag: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(SVG, tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
