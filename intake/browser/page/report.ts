/** The short form and the page on which it is read over, sealed and sent. */
import type { Answers } from "../core/programme.ts";
import type { Routing } from "../core/routing.ts";
import type { Filed } from "../sealing/wire.ts";
import { answers, asRead, clearProblems, isSpared, showProblems } from "./answers.ts";
import { ticked, wish } from "./choice.ts";
import { all, fill, find, make, show } from "./dom.ts";
import { Failed } from "./sealer.ts";
import type { Takes } from "./takes.ts";
import type { Visit } from "./visit.ts";

/** Shows what became of a filing; from then on its files are needed no more. */
export type ShowFiled = (
  visit: Visit,
  filed: Filed,
  offices: readonly string[],
  wayBack: boolean,
  takes: Takes,
) => Promise<void>;

/** Take over the form. `takes` are the files that stand beside the account. */
export function takeForm(
  visit: Visit,
  form: HTMLFormElement,
  takes: Takes,
  showFiled: ShowFiled,
): void {
  // Somebody may have begun before the script did.
  visit.isUnsent ||= isFilled(form);
  form.addEventListener("input", () => {
    visit.isUnsent = true;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void visit.act(form, "", () => readOver(visit, form, takes, showFiled));
  });
}

/** Whether anything was typed, chosen or ticked. */
function isFilled(form: HTMLFormElement): boolean {
  return Array.from(new FormData(form)).some(
    ([name, value]) => name !== "end" && (typeof value === "string" ? value : value.name) !== "",
  );
}

async function readOver(
  visit: Visit,
  form: HTMLFormElement,
  takes: Takes,
  showFiled: ShowFiled,
): Promise<void> {
  const group = visit.programme.groups.find((one) => one.name === "report");
  const given = answers(form, group?.questions ?? []);
  const whole = { group: "report", answers: given, people: [], own: {} };
  const spoken = { isSpoken: takes.isSpoken, hasFiles: takes.count > 0 };
  const problems = await visit.sealer.call("problems", { ...whole, ...spoken });
  showProblems(visit.main, problems, visit.texts);
  if (problems.length > 0) {
    return;
  }
  clearProblems(visit.main);
  const review = visit.part("review");
  const routing = await visit.sealer.call("route", given);
  fillReview(review, form, visit, routing);
  fill(find(review, "ol.words"), ...(await words(visit)));
  if (isSpared(form) && visit.help) {
    review.prepend(visit.help.cloneNode(true));
  }
  const list = find(form, ".files");
  find(review, ".given").after(list);
  show(review, "[data-original]", takes.isCopied);
  const stood = visit.show(review);
  // Here while she reads; where it fails, the words and who may read it are shown all the same.
  visit.later().catch(() => undefined);
  const send = find<HTMLFormElement>(review, "form");
  find(review, "[data-do=change]").onclick = () => {
    find(form, "#voice").prepend(list);
    visit.show(...stood);
  };
  send.addEventListener("submit", (event) => {
    event.preventDefault();
    void visit.act(send, "sealing", () => file(visit, send, given, takes, showFiled));
  });
}

/** Fill the page with what was written, and show the offices it may go to, with their reasons. */
function fillReview(review: HTMLElement, form: HTMLFormElement, visit: Visit, routing: Routing): void {
  const list = find(review, ".given");
  for (const { name } of visit.programme.groups.find((one) => one.name === "report")?.questions ??
    []) {
    const read = asRead(form, name);
    if (read.length > 0) {
      const label = form.querySelector(`label[for="${name}"], fieldset[id="${name}"] > legend`);
      list.append(make("dt", {}, label?.firstChild?.textContent?.trim() ?? name));
      list.append(...read.map((line) => make("dd", {}, line)));
    }
  }
  for (const proposal of routing.proposals) {
    const card = find(review, `[data-office="${proposal.office}"]`);
    card.hidden = false;
    for (const route of proposal.routes) {
      show(card, `[data-route="${route}"]`, true);
    }
    show(card, `[data-conflict="${proposal.conflict}"]`, true);
  }
  for (const office of routing.closed) {
    show(review, `[data-closed="${office}"]`, true);
  }
  // What is hidden is not chosen: a closed fallback is preselected like an open one.
  for (const hidden of all<HTMLInputElement>(review, "[data-office][hidden] input")) {
    hidden.disabled = true;
  }
}

/** Return the ten words, each with its number, as the page lists them. */
export async function words(visit: Visit): Promise<HTMLElement[]> {
  const found = await visit.sealer.call("words", null);
  return found.map(([word, number]) =>
    make("li", {}, make("b", { lang: "" }, word), " ", make("span", {}, number)),
  );
}

async function file(
  visit: Visit,
  form: HTMLFormElement,
  given: Answers,
  takes: Takes,
  showFiled: ShowFiled,
): Promise<void> {
  const offices = ticked(form, "office");
  if (offices.length === 0) {
    throw new Failed("no_offices");
  }
  const originals = ticked(form, "original");
  if (takes.count > 0) {
    visit.say(form, "files_left");
  }
  const evidence = await takes.settle(wish(offices, originals));
  visit.say(form, "sending");
  const data = new FormData(form);
  const contacts = Object.fromEntries(
    offices.map((office) => [office, String(data.get(`contact-${office}`) ?? "").trim()]),
  );
  const wayBack = data.get("back") !== "none";
  const urgent = data.get("urgent") !== null;
  const filing = { answers: given, offices, contacts, originals, wayBack, urgent, evidence };
  const filed = await visit.sealer.call("file", filing);
  await showFiled(visit, filed, offices, wayBack, takes);
}
