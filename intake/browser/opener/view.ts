/**
 * What was opened, as parts of the page.
 *
 * Rules: whatever a report holds becomes text in an element of its own, which keeps its direction
 * to itself; past so many parts an entry goes on as one text, so that none can stop the page.
 */
import { day, element, filled, fill, find, make } from "../page/dom.ts";
import type { AsideError } from "../errors.ts";
import type { Aside, Case, Opened, Shown } from "./cases.ts";
import type { Facts } from "./facts.ts";
import { FileView } from "./fileview.ts";
import { layout, officeName, type Part } from "./layout.ts";
import { inline } from "../core/printable.ts";

/** Parts of an entry that get elements of their own: a long true one has two hundred. */
const PARTS = 1000;
/** So many cases stand open; more are a list in which one is looked for. */
const OPEN = 3;

/** Return the sentence for what could not be used. */
export function sentence(error: AsideError, { texts }: Facts): string {
  return filled(texts[`aside_${error.code}`] ?? error.code, { line: error.line });
}

/** Show what was opened in the section of the page; return the views of the files in it. */
export function showOpened(root: HTMLElement, opened: Opened, facts: Facts): readonly FileView[] {
  const views: FileView[] = [];
  const cases = opened.cases.map((one) =>
    caseOf(one, facts, opened.cases.length <= OPEN, (view) => views.push(view)),
  );
  fill(find(root, ".cases"), ...cases);
  find(root, ".set-aside").hidden = opened.aside.length === 0;
  fill(find(root, ".set-aside ul"), ...opened.aside.map((one) => aside(one, facts)));
  return views;
}

/** Return a text of a report as an element that keeps its direction to itself. */
export function words<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  text: string,
): HTMLElementTagNameMap[Tag] {
  const made = element(tag, text);
  made.dir = "auto";
  return made;
}

function aside({ name, error }: Aside, facts: Facts): HTMLElement {
  return make("li", {}, words("b", inline(name)), " ", sentence(error, facts));
}

function caseOf(
  { id, shown }: Case,
  facts: Facts,
  isOpen: boolean,
  add: (view: FileView) => void,
): HTMLElement {
  const title = element("h3", filled(facts.texts["case"] ?? "", { case: id }));
  const days = shown.map(({ found }) => found.date.slice(0, 10)).sort();
  const since = element("span", day(days[0] ?? ""));
  since.className = "hint";
  const made = make("details", { class: "case" }, make("summary", {}, title, " ", since));
  made.open = isOpen;
  made.append(...shown.map((one) => entry(one, facts, add)));
  return made;
}

function entry(
  { found, isChecked, missing, files }: Shown,
  facts: Facts,
  add: (view: FileView) => void,
): HTMLElement {
  const { texts } = facts;
  const written = filled(texts["written"] ?? "", {
    day: day(found.date.slice(0, 10)),
    zone: found.date.slice(10),
    office: officeName(found.office, facts),
  });
  const made = make("article", {}, element("h4", texts[`kind_${found.kind}`] ?? ""));
  made.append(words("p", written), make("p", { class: "aside" }, found.id));
  if (!isChecked) {
    made.append(make("p", { class: "warning" }, texts["unchecked"] ?? ""));
  }
  if (missing > 0) {
    const text = filled(texts["missing"] ?? "", { number: missing });
    made.append(make("p", { class: "warning" }, text));
  }
  made.append(...parts(layout(found, facts)));
  if (files.length > 0) {
    const views = files.map((file) => new FileView(file, facts));
    views.forEach(add);
    made.append(
      element("h5", texts["files"] ?? ""),
      make("p", { class: "hint" }, texts["files_hint"] ?? ""),
      make("ul", { class: "files" }, ...views.map(({ root }) => root)),
    );
  }
  return made;
}

/** Return the elements of parts; what comes after too many is one text. */
function parts(all: readonly Part[]): readonly HTMLElement[] {
  const made: HTMLElement[] = [];
  let list: HTMLElement | null = null;
  for (const part of all.slice(0, PARTS)) {
    if (part.kind === "answer" && part.label) {
      if (!list) {
        list = make("dl");
        made.push(list);
      }
      const label = words("dt", part.isClock ? `! ${part.label}` : part.label);
      list.append(label, words("dd", part.text));
      continue;
    }
    list = null;
    const tag = part.kind === "heading" ? "h5" : "p";
    const one = words(tag, part.text);
    one.className = part.kind === "note" ? "hint" : part.kind === "answer" ? "said" : "";
    made.push(one);
  }
  const rest = all.slice(PARTS).map((part) => line(part));
  if (rest.length === 0) {
    return made;
  }
  const last = words("pre", rest.join("\n"));
  // It scrolls by itself, also by keys.
  last.tabIndex = 0;
  return [...made, last];
}

function line(part: Part): string {
  return part.kind === "answer" ? `${part.label}: ${part.text}` : part.text;
}
