/** What every page of a visit shares: the programme, its texts, the Worker, the place of pages. */
import type { Programme } from "../core/programme.ts";
import type { Wish } from "../upload/protocol.ts";
import type { Texts } from "./answers.ts";
import { adopt, fill, find, make, page } from "./dom.ts";
import { Failed, type Sealer, type Start } from "./sealer.ts";
import { Takes } from "./takes.ts";

export class Visit {
  readonly programme: Programme;
  readonly sealer: Sealer;
  readonly start: Start;
  /** Where every page is shown. */
  readonly main: HTMLElement;
  /** The pages that follow the form, empty. */
  readonly parts: Document;
  /** The medical help that is shown first to whoever does not want to describe something. */
  readonly help: HTMLElement | null;
  /** Whether something was typed that is nowhere else yet. */
  isUnsent = false;
  readonly #stops: (() => void)[] = [];

  constructor(programme: Programme, sealer: Sealer, start: Start, parts: Document) {
    this.programme = programme;
    this.sealer = sealer;
    this.start = start;
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

  /** Return the empty page of a group. Raises Failed where it cannot be fetched. */
  async group(name: string): Promise<HTMLElement> {
    try {
      const address = `/${this.programme.language}/group/${encodeURIComponent(name)}`;
      const found = adopt(find(await page(address), "main"));
      return make("div", {}, ...Array.from(found.childNodes));
    } catch {
      throw new Failed("line");
    }
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
      const code = error instanceof Failed ? error.code : "failed";
      const text = code in this.texts ? code : "refused";
      this.say(form, text, true);
    } finally {
      delete form.dataset["busy"];
    }
  }
}

/** Which of a file's two shall be sent, where these offices get it and these as it was made. */
export function wish(offices: readonly string[], originals: readonly string[]): Wish {
  return {
    original: offices.some((office) => originals.includes(office)),
    copy: offices.some((office) => !originals.includes(office)),
  };
}

/** Return the values of what is ticked under a name. */
export function ticked(form: HTMLFormElement, name: string): string[] {
  return new FormData(form).getAll(name).map(String);
}
