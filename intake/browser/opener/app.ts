/**
 * The script of the page that opens sealed files where nothing can be installed: an identity and
 * files are chosen from the disk, and what they hold is shown.
 *
 * Rules: nothing is asked of any line; nothing is stored in the browser; the identity stands in
 * memory until the page is closed or asked to forget; where the ciphers do not work, the page goes
 * on saying so.
 */
import type { Bytes } from "../bytes.ts";
import { AsideError } from "../errors.ts";
import { all, fill, filled, find, make, show } from "../page/dom.ts";
import { choose } from "../primitives/either.ts";
import { openAll, reason } from "./cases.ts";
import { type Facts, facts } from "./facts.ts";
import type { FileView } from "./fileview.ts";
import { isIdentities, isSealed, openIdentities } from "./identities.ts";
import { inline } from "../core/printable.ts";
import type { Named } from "./sealed.ts";
import { sentence, showOpened, words } from "./view.ts";

/** Names that are listed; of more, their number. */
const LISTED = 20;

class Opener {
  readonly #facts: Facts;
  readonly #form: HTMLFormElement;
  readonly #files = new Map<string, Named>();
  #identity: File | null = null;
  #seeds: readonly Bytes[] | null = null;
  /** Which opening is the last one: what an earlier one still reads is of no use. */
  #turn = 0;

  constructor(form: HTMLFormElement, carried: Facts) {
    this.#form = form;
    this.#facts = carried;
    this.#listen("#identity", (files) => this.#take(files[0], ""));
    this.#listen("#sealed", (files) => this.#add(files));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#open();
    });
    find(document, "[data-do=forget]").addEventListener("click", () => location.reload());
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      void this.#dropped(Array.from(event.dataTransfer?.files ?? []));
    });
  }

  /** Whatever was chosen before can be chosen again, once it was mended. */
  #listen(selector: string, take: (files: readonly File[]) => unknown): void {
    const field = find<HTMLInputElement>(this.#form, selector);
    field.addEventListener("click", () => (field.value = ""));
    field.addEventListener("change", () => void take(Array.from(field.files ?? [])));
  }

  async #dropped(files: readonly File[]): Promise<void> {
    const isIdentity = await Promise.all(files.map((file) => isIdentities(file).catch(() => false)));
    const identity = files.find((_, at) => isIdentity[at]);
    await this.#take(identity, inline(identity?.name ?? ""));
    this.#add(files.filter((_, at) => !isIdentity[at]));
  }

  /** Take an identity file; `name` is shown where its field does not show it. */
  async #take(file: File | undefined, name: string): Promise<void> {
    if (file) {
      this.#identity = file;
      this.#seeds = null;
      this.#wrong(null);
      find<HTMLInputElement>(this.#form, "#passphrase").value = "";
      fill(find(this.#form, "[data-identity]"), words("span", name));
      show(this.#form, "[data-passphrase]", await isSealed(file).catch(() => false));
    }
  }

  #add(files: readonly File[]): void {
    for (const file of files) {
      const id = `${file.name} ${file.size} ${file.lastModified}`;
      this.#files.set(id, { name: file.name, content: file });
    }
    const names = Array.from(this.#files.values(), ({ name }) => inline(name));
    const listed = names.slice(0, LISTED).map((name) => words("li", name));
    const left = names.length - listed.length;
    const more = left > 0 ? [make("li", {}, this.#text("more", { number: left }))] : [];
    fill(find(this.#form, "[data-sealed]"), ...listed, ...more);
  }

  async #open(): Promise<void> {
    this.#wrong(null);
    if (!this.#identity || this.#files.size === 0) {
      this.#wrong(this.#identity ? "no_files" : "no_identity");
      return;
    }
    const buttons = all<HTMLButtonElement>(document, "button");
    buttons.forEach((one) => (one.disabled = true));
    try {
      this.#seeds ??= await this.#identities(this.#identity);
      await this.#show([...this.#files.values()], this.#seeds);
    } catch (error) {
      this.#say("");
      this.#wrong(reason(error));
    } finally {
      buttons.forEach((one) => (one.disabled = false));
    }
  }

  async #identities(file: File): Promise<readonly Bytes[]> {
    const field = find<HTMLInputElement>(this.#form, "#passphrase");
    this.#say("reading");
    const seeds = await openIdentities(file, field.value, (share) =>
      this.#say("trying", { percent: Math.round(100 * share) }),
    );
    field.value = "";
    show(this.#form, "[data-passphrase]", false);
    return seeds;
  }

  async #show(files: readonly Named[], seeds: readonly Bytes[]): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const opened = await openAll(files, seeds, this.#facts, (done, of) =>
      this.#say("opening", { number: done + 1, of }),
    );
    const root = find(document, "#opened");
    const views = showOpened(root, opened, this.#facts);
    const shown = opened.cases.reduce((sum, one) => sum + one.shown.length, 0);
    this.#say("done", { opened: shown, aside: opened.aside.length });
    root.hidden = false;
    find(root, "h2").focus();
    void this.#look(views, turn);
  }

  /** Check the files of the reports one after the other, while what they say is read. */
  async #look(views: readonly FileView[], turn: number): Promise<void> {
    for (const view of views) {
      if (turn === this.#turn) {
        await view.look();
      }
    }
  }

  /** Say what is wrong before anything was opened, or nothing. */
  #wrong(what: AsideError | string | null): void {
    const text = what instanceof AsideError ? sentence(what, this.#facts) : this.#text(what ?? "");
    const alert = find(this.#form, ".alert");
    alert.hidden = text === "";
    find(alert, "p").textContent = text;
    if (text) {
      alert.scrollIntoView({ block: "nearest" });
    }
  }

  #say(name: string, values: Readonly<Record<string, number>> = {}): void {
    const status = find(this.#form, "[role=status]");
    const text = this.#text(name, values);
    // Hundreds of times a second it is the same.
    if (status.textContent !== text) {
      status.textContent = text;
    }
  }

  #text(name: string, values: Readonly<Record<string, number>> = {}): string {
    return filled(this.#facts.texts[name] ?? "", values);
  }
}

/** Take over the page. Raises Error where this browser cannot open anything. */
async function begin(form: HTMLFormElement): Promise<void> {
  const carried = facts(find(document, "#facts").textContent ?? "");
  if (!(await choose())) {
    return;
  }
  new Opener(form, carried);
  show(document, "[data-when=blind]", false);
  show(document, "[data-when=ready]", true);
  // Back from another page, it would show what was opened before.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      location.reload();
    }
  });
}

const form = document.querySelector<HTMLFormElement>("#open");
if (form) {
  // Where it fails, the page goes on saying that it can open nothing here.
  begin(form).catch(() => undefined);
}
