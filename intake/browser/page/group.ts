/** The page of one group of questions: filled in, and sent as an addition to the case. */
import type { Answers, Group } from "../core/programme.ts";
import { PEOPLE } from "../core/report.ts";
import type { CaseView } from "../sealing/case.ts";
import { answers, isSpared, showProblems } from "./answers.ts";
import { ticked, wish } from "./choice.ts";
import { adopt, all, find, make, page, show } from "./dom.ts";
import { People } from "./people.ts";
import { Failed } from "./sealer.ts";
import type { Takes } from "./takes.ts";
import type { Visit } from "./visit.ts";

/**
 * Show the page of a group; `back` gets the case as it is then, or null where nothing was sent.
 * With `office` it is meant for this one, unless more are ticked.
 */
export async function showGroup(
  visit: Visit,
  name: string,
  view: CaseView,
  back: (view: CaseView | null) => void,
  office = "",
): Promise<void> {
  const group = visit.programme.groups.find((one) => one.name === name);
  const empty = await fetched(visit, name);
  if (!group) {
    throw new Failed("refused");
  }
  await new GroupPage(visit, group, view, empty, back).show(office);
}

/** Return the empty page of a group. Raises Failed where it cannot be fetched. */
async function fetched(visit: Visit, name: string): Promise<HTMLElement> {
  try {
    const address = `/${visit.programme.language}/group/${encodeURIComponent(name)}`;
    const found = adopt(find(await page(address), "main"));
    return make("div", {}, ...Array.from(found.childNodes));
  } catch {
    throw new Failed("line");
  }
}

class GroupPage {
  readonly #visit: Visit;
  readonly #group: Group;
  readonly #view: CaseView;
  readonly #page: HTMLElement;
  readonly #form: HTMLFormElement;
  readonly #back: (view: CaseView | null) => void;
  readonly #people: People | null;
  #takes: Takes | null = null;
  #isAsked = false;

  constructor(
    visit: Visit,
    group: Group,
    view: CaseView,
    page: HTMLElement,
    back: (view: CaseView | null) => void,
  ) {
    this.#visit = visit;
    this.#group = group;
    this.#view = view;
    this.#page = page;
    this.#form = find(page, "form[data-group]");
    this.#back = back;
    this.#people = group.people.length > 0 ? new People(this.#form, visit.texts, PEOPLE) : null;
  }

  async show(office: string): Promise<void> {
    this.#choose(office);
    if (this.#group.files) {
      this.#takes = this.#takeFiles();
    }
    find(this.#page, "[data-do=back]").onclick = (event) => {
      event.preventDefault();
      this.#leave(null);
    };
    this.#form.addEventListener("input", () => {
      this.#visit.isUnsent = true;
    });
    // Enter in a field presses the form's first button: it sends nothing.
    find(this.#form, "[name=do][value=stay]").onclick = (event) => event.preventDefault();
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#visit.act(this.#form, "", () => this.#send());
    });
    this.#visit.show(this.#page);
  }

  #leave(view: CaseView | null): void {
    this.#takes?.stop();
    this.#visit.isUnsent = false;
    this.#back(view);
  }

  /** Show only offices that hold the case; what is private goes to the fallback alone at first. */
  #choose(office: string): void {
    const holders = this.#view.holders.map((holder) => holder.office);
    const { fallback } = this.#visit.programme;
    for (const box of all<HTMLInputElement>(this.#form, "[name=office], [name=original]")) {
      const isHolder = holders.includes(box.value);
      if (!isHolder) {
        box.closest("label")?.remove();
      }
      const isMeant = office ? box.value === office : !this.#group.private;
      const isFallback = box.value === fallback && !(office && box.name === "office");
      // Who may give new words she chooses herself.
      box.checked =
        !this.#group.keeper && (isFallback || (box.name === "office" && isMeant));
    }
    for (const own of all(this.#form, "[data-own]")) {
      if (!holders.includes(own.dataset["own"] ?? "")) {
        own.remove();
      }
    }
  }

  #takeFiles(): Takes {
    const input = find<HTMLInputElement>(this.#form, "[name=new]");
    const list = make("ul", { class: "files", tabindex: "-1" });
    input.closest(".question")?.before(list);
    const takes = this.#visit.takes(list, () =>
      show(this.#form, "[data-original]", takes.isCopied),
    );
    input.addEventListener("change", () => {
      for (const file of Array.from(input.files ?? [])) {
        takes.add(file, file.name, this.#wish());
      }
      input.value = "";
    });
    return takes;
  }

  #wish(): ReturnType<typeof wish> {
    return wish(
      [...ticked(this.#form, "office"), ...ticked(this.#form, "joining")],
      ticked(this.#form, "original"),
    );
  }

  async #send(): Promise<void> {
    const { name, questions, per_office: perOffice } = this.#group;
    const given = answers(this.#form, questions);
    const people = this.#people?.answers(this.#group.people) ?? [];
    const own = this.#own();
    const hasFiles = (this.#takes?.count ?? 0) > 0;
    const asked = { group: name, answers: given, people, own, isSpoken: false, hasFiles };
    const problems = await this.#visit.sealer.call("problems", asked);
    showProblems(this.#page, problems, this.#visit.texts);
    if (problems.length > 0) {
      return;
    }
    if (!this.#isAsked && (await this.#ask(given))) {
      throw new Failed("joined");
    }
    const offices = perOffice.length > 0 ? Object.keys(own) : ticked(this.#form, "office");
    const joining = ticked(this.#form, "joining");
    if (this.#group.keeper && offices.length !== 1) {
      throw new Failed("problem_no_keeper");
    }
    if (offices.length + joining.length === 0) {
      throw new Failed("no_offices");
    }
    if (hasFiles) {
      this.#visit.say(this.#form, "files_left");
    }
    const evidence = (await this.#takes?.settle(this.#wish())) ?? [];
    this.#visit.say(this.#form, "sending");
    const originals = ticked(this.#form, "original");
    const addition = { group: name, answers: given, people, own, offices, joining };
    const view = await this.#visit.sealer.call("add", { ...addition, originals, evidence });
    const isHelped = isSpared(this.#form) && this.#visit.help;
    this.#leave(view);
    if (isHelped) {
      this.#visit.main.prepend(isHelped.cloneNode(true));
    }
  }

  /** Return what is told to one office alone, of those for which something was chosen. */
  #own(): Record<string, Answers> {
    const found: Record<string, Answers> = {};
    for (const section of all(this.#form, "[data-own]")) {
      const office = section.dataset["own"] ?? "";
      const told = answers(this.#form, this.#group.per_office, `${office}-`);
      if (Object.values(told).some((answer) => answer.length > 0)) {
        found[office] = told;
      }
    }
    return found;
  }

  /** Ask once about offices that the answers make possible; return whether there are any. */
  async #ask(given: Answers): Promise<boolean> {
    this.#isAsked = true;
    const asked = { group: this.#group.name, answers: given };
    const proposals = await this.#visit.sealer.call("proposals", asked);
    const title = make("h2", { tabindex: "-1" }, this.#visit.texts["joined"] ?? "");
    const fieldset = make("fieldset", {}, make("legend", {}, title));
    for (const { office, routes, conflict } of proposals) {
      const card = adopt(find(this.#visit.parts, `[data-office="${office}"]`));
      card.hidden = false;
      routes.forEach((route) => show(card, `[data-route="${route}"]`, true));
      show(card, `[data-conflict="${conflict}"]`, true);
      all(card, "[name^=contact-], .contact, [data-original]").forEach((part) => part.remove());
      const box = find<HTMLInputElement>(card, "[name=office]");
      box.name = "joining";
      box.checked = false;
      fieldset.append(card);
    }
    if (proposals.length > 0) {
      this.#form.prepend(fieldset);
      title.focus();
      fieldset.scrollIntoView();
    }
    return proposals.length > 0;
  }
}

