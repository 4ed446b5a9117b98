/** What every page of a visit shares: the programme, its texts, the Worker, the place of pages. */
import type { Programme } from "../core/programme.ts";
import type { Texts } from "./answers.ts";
import { adopt, fill, find } from "./dom.ts";
import type { Sealer, Start } from "./sealer.ts";
import { Takes } from "./takes.ts";

/** What the script of `later.ts` gives. */
export interface Later {
  /** Ask the words back, and let each group be added; `page` is that of what was received. */
  more(visit: Visit, page: HTMLElement): Promise<void>;
  /** Record a voice in `place`, begun at once; `use` gets each recording that is used. */
  record(visit: Visit, place: HTMLElement, use: (voice: File) => void): void;
}

export class Visit {
  readonly programme: Programme;
  readonly sealer: Sealer;
  readonly start: Start;
  /** Fetches what is not needed at first; may be tried again where it fails. */
  readonly later: () => Promise<Later>;
  /** Where every page is shown. */
  readonly main: HTMLElement;
  /** The pages that follow the form, empty. */
  readonly parts: ParentNode;
  /** The medical help that is shown first to whoever does not want to describe something. */
  help: HTMLElement | null;
  /** Whether something was typed that is nowhere else yet. */
  isUnsent = false;
  readonly #stops: (() => void)[] = [];

  constructor(
    programme: Programme,
    sealer: Sealer,
    start: Start,
    later: () => Promise<Later>,
    parts: ParentNode,
  ) {
    this.programme = programme;
    this.sealer = sealer;
    this.start = start;
    this.later = later;
    this.parts = parts;
    this.main = find(document, "main");
    this.help = this.main.querySelector("section.help");
  }

  get texts(): Texts {
    return this.programme.texts;
  }

  /** Return a part of the pages that follow, for this document. */
  part(name: string): HTMLElement {
    return adopt(find(this.parts, `[data-part="${name}"]`));
  }

  /** Show a page instead of the one that stands, and return what stood. */
  show(...nodes: readonly Node[]): ChildNode[] {
    const stood = Array.from(this.main.childNodes);
    fill(this.main, ...nodes);
    const title = this.main.querySelector("h1");
    title?.setAttribute("tabindex", "-1");
    title?.focus();
    window.scrollTo(0, 0);
    return stood;
  }

  /** Return the list of files of a form. */
  takes(list: HTMLElement, changed: () => void): Takes {
    const made = new Takes(list, this.texts, this.start, this.sealer.filesScript, changed);
    this.#stops.push(() => made.stop());
    return made;
  }

  /** Call `stop` when the visit ends. */
  onStop(stop: () => void): void {
    this.#stops.push(stop);
  }

  /** Stop everything, and forget all secrets. */
  stop(): void {
    this.isUnsent = false;
    for (const stop of this.#stops) {
      stop();
    }
    this.sealer.stop();
  }

  /** Return the name of an office. */
  name(office: string): string {
    return this.programme.offices.find((one) => one.id === office)?.name ?? office;
  }

  /** Say in a form how it stands; what failed is an alert. */
  say(form: ParentNode, name: string, isAlert = false): void {
    const status = find(form, "p[role=status], p[role=alert]");
    status.setAttribute("role", isAlert ? "alert" : "status");
    status.className = isAlert ? "warning" : "";
    status.textContent = this.texts[name] ?? "";
  }

  /**
   * Do what a form's button asks, once at a time; say what failed, and what to do.
   *
   * Whatever happens, what was typed stays.
   */
  async act(form: HTMLFormElement, doing: string, act: () => Promise<void>): Promise<void> {
    // Not `aria-busy`: a screen reader is silent about what it is said in.
    if (form.dataset["busy"]) {
      return;
    }
    form.dataset["busy"] = "true";
    this.say(form, doing);
    try {
      await act();
      this.say(form, "");
    } catch (error) {
      // Not by its class: that of the other script is another one.
      const { code } = error as { code?: unknown };
      const text = typeof code === "string" && code in this.texts ? code : "refused";
      this.say(form, text, true);
    } finally {
      delete form.dataset["busy"];
    }
  }
}
