/**
 * The page of a case that was opened on this device: who has it, what was answered, what can be
 * added, and what can be taken back.
 *
 * Rules: each answer is shown or set aside with its reason, and none keeps the others away; what
 * she wrote herself is not shown; a button does its thing once, and says what became of it.
 */
import type { CaseView } from "../sealing/case.ts";
import type { Aside, Reply, Thread } from "../sealing/thread.ts";
import { all, button, day, fill, filled, find, make, show } from "./dom.ts";
import { showGroup } from "./group.ts";
import type { Visit } from "./visit.ts";

/** The group of a plain answer. */
const ANSWER = "answer";

export class CasePage {
  readonly #visit: Visit;
  readonly #page: HTMLElement;
  readonly #stop: HTMLElement;
  #view: CaseView;
  #thread: Thread | null = null;

  constructor(visit: Visit, view: CaseView) {
    this.#visit = visit;
    this.#view = view;
    this.#page = visit.part("case");
    this.#stop = visit.part("stop");
    for (const one of all<HTMLButtonElement>(this.#page, "[data-more] [data-group]")) {
      const group = one.dataset["group"] ?? "";
      one.onclick = () => this.#act("[data-more]", "", () => this.#add(group));
    }
    find(this.#page, "[data-do=read]").onclick = () => this.#read();
    find(this.#page, "[data-do=stop]").onclick = () => this.#showStop();
    find(this.#page, "[data-do=finish]").onclick = () => {
      this.#visit.stop();
      location.replace(location.pathname);
    };
    find(this.#stop, "[data-do=back]").onclick = () => {
      this.#draw();
      this.#visit.show(this.#page);
    };
    this.#takeStops();
  }

  /** Show the page, and read what was answered. */
  show(): void {
    this.#draw();
    this.#visit.show(this.#page);
    this.#read();
  }

  #text(name: string, values: Readonly<Record<string, string | number>> = {}): string {
    return filled(this.#visit.texts[name] ?? "", values);
  }

  #form(selector: string): HTMLFormElement {
    return find(this.#page.isConnected ? this.#page : this.#stop, selector);
  }

  /** Do what a button asks, and say what failed; `then` only where nothing did. */
  #act(form: string, doing: string, act: () => Promise<void>, then?: () => void): void {
    let isDone = false;
    const whole = async (): Promise<void> => {
      await act();
      isDone = true;
    };
    void this.#visit.act(this.#form(form), doing, whole).then(() => isDone && then?.());
  }

  #read(): void {
    show(this.#page, "[data-do=read]", false);
    this.#act("[data-thread]", "reading", async () => {
      try {
        this.#thread = await this.#visit.sealer.call("thread", null);
      } catch (error) {
        show(this.#page, "[data-do=read]", true);
        throw error;
      }
      this.#draw();
    });
  }

  #draw(): void {
    const { day: filed, deletion, reissued, holders, withdrawn, numbers } = this.#view;
    find(this.#page, "[data-filed]").textContent = this.#text("filed", { day: day(filed) });
    const renewed = find(this.#page, "[data-reissued]");
    renewed.hidden = !reissued;
    renewed.textContent = reissued ? this.#text("reissued", { day: day(reissued) }) : "";
    const due = deletion ? this.#text("deleted_on", { day: day(deletion) }) : "";
    for (const page of [this.#page, this.#stop]) {
      const warning = find(page, "[data-deletion]");
      warning.textContent = due;
      warning.hidden = !due;
      for (const item of all(page, "[data-reader]")) {
        const office = item.dataset["reader"] ?? "";
        const held = holders.find((one) => one.office === office);
        const isBack = withdrawn.includes(office);
        item.hidden = !held && !isBack;
        const state = held?.fetched
          ? this.#text("fetched", { day: day(held.fetched) })
          : this.#text(isBack ? "taken_back" : "not_fetched");
        find(item, "[data-state]").textContent = `${state}${this.#answered(office)}`;
        show(item, "[data-held]", !isBack);
      }
    }
    show(this.#stop, "[data-do=keep]", Boolean(deletion));
    show(this.#stop, "[data-do=delete], [data-wait]", !deletion);
    for (const one of all(this.#page, "[data-more] [data-group]")) {
      const num = numbers[one.dataset["group"] ?? ""] ?? 0;
      const text = num > 0 ? this.#text(num > 1 ? "added_often" : "added_once", { num }) : "";
      find(one, ".done").textContent = text;
    }
    this.#drawLacking();
    this.#drawThread();
  }

  /** Return since when an office has answered. */
  #answered(office: string): string {
    const days = (this.#thread?.replies ?? [])
      .filter((reply) => reply.office === office)
      .map((reply) => reply.day)
      .sort();
    return days[0] ? ` ${this.#text("answered", { day: day(days[0]) })}` : "";
  }

  #drawLacking(): void {
    const { programme } = this.#visit;
    const items = this.#view.holders.flatMap(({ office }) => {
      const needs = programme.offices.find((one) => one.id === office)?.needs ?? [];
      const lacking = needs.filter((group) => !this.#view.numbers[group]).map((g) => this.#label(g));
      const name = make("b", {}, this.#visit.name(office));
      return lacking.length > 0 ? [make("li", {}, name, `: ${lacking.join("; ")}`)] : [];
    });
    fill(find(this.#page, "[data-lacking] ul"), ...items);
    show(this.#page, "[data-lacking]", items.length > 0);
  }

  #label(group: string): string {
    const found = this.#page.querySelector(`[data-more] [data-group="${group}"]`);
    return found?.firstChild?.textContent?.trim() || this.#text(`group_${group}`);
  }

  #drawThread(): void {
    if (!this.#thread) {
      return;
    }
    const { replies, aside, changed } = this.#thread;
    const warn = (text: string): HTMLElement => make("p", { class: "warning" }, text);
    const shown = [
      ...changed.map((office) => warn(this.#text("keys", { office: this.#visit.name(office) }))),
      ...aside.map((one, at) => this.#aside(one, `– ${at + 1}`)),
      ...replies.map((reply, at) => this.#reply(reply, `${at + 1}`)),
    ];
    fill(find(this.#page, "[data-replies]"), ...shown);
    const isEmpty = replies.length + aside.length === 0;
    show(this.#page, "[data-none]", isEmpty);
    for (const hours of all(this.#page, "[data-none] [data-hours]")) {
      hours.hidden = !this.#view.holders.some(({ office }) => office === hours.dataset["hours"]);
    }
  }

  #aside({ entry, reason }: Aside, number: string): HTMLElement {
    const card = make("div", { class: "office" });
    card.append(make("p", { class: "warning" }, this.#text(`aside_${reason}`)));
    if (reason !== "missing") {
      card.append(this.#discards(entry, number));
    }
    return card;
  }

  #reply(reply: Reply, number: string): HTMLElement {
    const { office, text, asks, isAfterGap } = reply;
    const name = this.#visit.name(office);
    const card = make("section", { class: "office", tabindex: "-1" });
    if (isAfterGap) {
      card.append(make("p", { class: "warning" }, this.#text("gap", { office: name })));
    }
    const written = this.#text("written", { day: day(reply.day) });
    card.append(make("h3", {}, `${number}. ${name}`));
    card.append(make("dl", {}, make("dt", {}, written), make("dd", { dir: "auto" }, text)));
    const isHeld = this.#view.holders.some((holder) => holder.office === office);
    const groups = this.#visit.programme.groups.map((group) => group.name);
    const open = (group: string): void =>
      this.#act("[data-thread]", "", () => this.#add(group, office));
    const asked = asks.filter((group) => groups.includes(group) && group !== "report");
    if (isHeld && asked.length > 0) {
      card.append(make("p", {}, this.#text("asks")));
      const row = (group: string): HTMLElement =>
        numbered(button(this.#label(group), () => open(group), "row"), number);
      card.append(...asked.map(row));
    }
    if (isHeld && groups.includes(ANSWER)) {
      const answer = button(this.#text("answer", { office: name }), () => open(ANSWER), "plain");
      card.append(numbered(answer, number));
    }
    card.append(this.#discards(reply.entry, number));
    return card;
  }

  /** Return the button that deletes an answer here, asked once more before it does. */
  #discards(entry: string, number: string): HTMLElement {
    const place = make("div");
    const first = button(
      this.#text("discard"),
      () => {
        const yes = button(this.#text("discard_yes"), () => this.#discard(entry), "plain");
        const no = button(this.#text("discard_no"), () => reset(), "plain");
        const question = make("p", { class: "warning", tabindex: "-1" }, this.#text("discard_ask"));
        fill(place, question, yes, no);
        question.focus();
      },
      "plain",
    );
    numbered(first, number);
    const reset = (): void => {
      fill(place, first);
      first.focus();
    };
    fill(place, first);
    return place;
  }

  #discard(entry: string): void {
    const act = async (): Promise<void> => {
      this.#view = await this.#visit.sealer.call("discard", entry);
      this.#thread = await this.#visit.sealer.call("thread", null);
      this.#draw();
    };
    const said = this.#text("letter_deleted");
    this.#act("[data-thread]", "sending", act, () => this.#say("[data-thread]", said));
  }

  /** Open the page of a group, for one office or for all. */
  async #add(group: string, office = ""): Promise<void> {
    this.#view = await this.#visit.sealer.call("look", null);
    const back = (view: CaseView | null): void => {
      this.#view = view ?? this.#view;
      this.#draw();
      this.#visit.show(this.#page);
      if (view) {
        this.#say("[data-more]", this.#text("added", { group: this.#label(group) }));
      }
    };
    await showGroup(this.#visit, group, this.#view, back, office);
  }

  /** Say what went well, where the next thing is near. */
  #say(form: string, text: string): void {
    const status = find(this.#form(form), "p[role=status], p[role=alert]");
    status.setAttribute("role", "status");
    status.textContent = text;
    status.className = "fine";
    status.tabIndex = -1;
    status.focus();
    status.scrollIntoView({ block: "center" });
  }

  #showStop(): void {
    this.#draw();
    this.#visit.say(find(this.#stop, "form"), "");
    this.#visit.show(this.#stop);
  }

  #takeStops(): void {
    const { sealer } = this.#visit;
    const act = (named: HTMLElement, does: () => Promise<string>): void => {
      named.onclick = () => {
        let said = "";
        const whole = async (): Promise<void> => {
          said = await does();
          this.#draw();
        };
        this.#act("form", "sending", whole, () => said && this.#say("form", said));
      };
    };
    for (const one of all(this.#stop, "[data-withdraw]")) {
      act(one, async () => {
        const { read, view } = await sealer.call("withdraw", one.dataset["withdraw"] ?? "");
        this.#view = view;
        return this.#text(read ? "stop_read" : "stop_unread");
      });
    }
    for (const [name, isWanted] of [["delete", true], ["keep", false]] as const) {
      act(find(this.#stop, `[data-do=${name}]`), async () => {
        this.#view = await sealer.call("deletion", isWanted);
        return this.#text(`stop_${name}`);
      });
    }
    act(find(this.#stop, "[data-do=close]"), async () => {
      await sealer.call("close", null);
      this.#visit.stop();
      this.#visit.show(this.#visit.part("closed"));
      return "";
    });
  }
}

/** Name a button's answer by its number, for whoever hears it among others. */
function numbered(one: HTMLElement, number: string): HTMLElement {
  one.append(make("span", { class: "aside-only" }, ` ${number}`));
  return one;
}
