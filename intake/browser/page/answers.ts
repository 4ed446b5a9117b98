/** Reading a form's answers, and showing beside them what is wrong; as `intake.web.forms`. */
import type { Answer, Answers, Question } from "../core/programme.ts";
import { ESCAPES, type Problem } from "../core/report.ts";
import { all, filled, make } from "./dom.ts";

/** What leads to help and is kept nowhere. */
const UNDESCRIBED = "undescribed";

export type Texts = Readonly<Record<string, string>>;

/** Return the answers in a form; a text typed counts before what was chosen beside it. */
export function answers(
  form: HTMLFormElement,
  questions: readonly Question[],
  prefix = "",
): Answers {
  const found: Record<string, Answer> = {};
  const data = new FormData(form);
  const one = (name: string): string => String(data.get(prefix + name) ?? "");
  for (const { name, kind, terms } of questions) {
    if (kind === "choices") {
      const chosen = data.getAll(prefix + name).map(String);
      found[name] = [...terms, ...ESCAPES].filter((term) => chosen.includes(term));
    } else {
      const text = one(name).replace(/\r\n/g, "\n").trim();
      const beside = kind === "choice" ? "" : one(`${name}_without`);
      const instead = beside === "" || beside === UNDESCRIBED ? "" : [beside];
      found[name] = text === "" || text === UNDESCRIBED ? instead : text;
    }
  }
  return found;
}

/** Whether somebody chose not to describe something: then help is shown first. */
export function isSpared(form: HTMLFormElement): boolean {
  return Array.from(new FormData(form).values()).includes(UNDESCRIBED);
}

/** A choice as people read it: the labels of what is chosen; a text as it is. */
export function asRead(form: HTMLFormElement, name: string): string[] {
  const fields = all<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>(
    form,
    `[name="${name}"], [name="${name}_without"]`,
  );
  return fields.flatMap((field) => {
    if (field instanceof HTMLSelectElement) {
      const option = field.selectedOptions[0];
      return option?.value && option.value !== UNDESCRIBED ? [option.text] : [];
    }
    if (field.type === "radio" || field.type === "checkbox") {
      const isChosen = (field as HTMLInputElement).checked && field.value !== UNDESCRIBED;
      return isChosen ? [field.closest("label")?.textContent?.trim() ?? ""] : [];
    }
    return field.value.trim() ? [field.value.trim()] : [];
  });
}

/** Show problems beside their fields and in a summary before the page; focus the summary. */
export function showProblems(
  page: HTMLElement,
  problems: readonly Problem[],
  texts: Texts,
): void {
  clearProblems(page);
  if (problems.length === 0) {
    return;
  }
  const list = make("ul");
  for (const problem of problems) {
    const limit = problem.limit.toLocaleString(document.documentElement.lang);
    const text = filled(texts[`problem_${problem.code}`] ?? "", { limit });
    list.append(problem.question ? beside(page, problem, text) : make("li", {}, text));
  }
  const summary = make("div", { class: "alert", role: "alert", tabindex: "-1" });
  summary.append(make("p", {}, texts["correct"] ?? ""), list);
  page.prepend(summary);
  summary.focus();
  summary.scrollIntoView();
}

/** Take away what was shown to be wrong. */
export function clearProblems(page: HTMLElement): void {
  for (const shown of all(page, ".alert, .error")) {
    shown.remove();
  }
  for (const field of all(page, "[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    describe(field, (ids) => ids.filter((id) => !id.endsWith("-error")));
  }
}

function beside(page: HTMLElement, problem: Problem, text: string): HTMLElement {
  const prefix = problem.office ? `${problem.office}-` : `person-${problem.person}-`;
  const id = (problem.office || problem.person >= 0 ? prefix : "") + problem.question;
  const field = page.querySelector<HTMLElement>(`[id="${id}"]`);
  if (!field) {
    return make("li", {}, text);
  }
  const error = make("p", { class: "error", id: `${id}-error` }, text);
  const label = field.matches("fieldset")
    ? field.querySelector("legend")
    : page.querySelector(`label[for="${id}"]`);
  (field.matches("fieldset") ? label : field)?.[field.matches("fieldset") ? "after" : "before"](error);
  field.setAttribute("aria-invalid", "true");
  describe(field, (ids) => [...ids, error.id]);
  const named = label?.textContent?.trim() ?? "";
  return make("li", {}, make("a", { href: `#${id}` }, named), " ", text);
}

function describe(field: HTMLElement, change: (ids: string[]) => string[]): void {
  const ids = change((field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  ids.length > 0
    ? field.setAttribute("aria-describedby", ids.join(" "))
    : field.removeAttribute("aria-describedby");
}
