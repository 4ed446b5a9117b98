/**
 * One file that a report names: whether it is here and whole, and what can be done with it.
 *
 * Rules: nothing is offered before the file is known to be the one that is named, and each time
 * that it is shown or saved it is read and checked anew; nothing is saved but by a press.
 */
import type { Bytes } from "../bytes.ts";
import type { Evidence } from "../core/evidence.ts";
import { AsideError } from "../errors.ts";
import { button, element, fill, filled, make, size } from "../page/dom.ts";
import { type File, reason } from "./cases.ts";
import { openEvidence } from "./evidence.ts";
import type { Facts } from "./facts.ts";
import { picture, SHOWN, text, typeOf } from "./media.ts";
import { harmless, inline } from "../core/printable.ts";

const PICTURES = ["image/png", "image/jpeg"];
const TEXT = "text/plain";
/** Long enough for the slowest disk to take the file. */
const KEPT_MS = 60_000;
/** The beginning of a file tells its type. */
const HEAD = 64 * 1024;

export class FileView {
  readonly root: HTMLElement;
  readonly #told: Evidence;
  readonly #sealed: Blob | null;
  readonly #facts: Facts;
  readonly #status = make("p", { role: "status" });
  readonly #more = make("div");
  readonly #shown = make("div");

  constructor({ told, sealed }: File, facts: Facts) {
    this.#told = told;
    this.#sealed = sealed;
    this.#facts = facts;
    const name = element("bdi", inline(told.name));
    const kind = this.#text(told.of ? "file_copy" : "file_original");
    const about = make("p", {}, `${told.type}, ${size(told.length)}, ${kind}`);
    this.root = make("li", {}, make("b", {}, name), about, this.#status, this.#more, this.#shown);
    this.#say("file_waits");
  }

  /** Read the file, and offer what can be done with it where it is the one that is named. */
  async look(): Promise<void> {
    this.#say("file_checking");
    const head = new Uint8Array(HEAD);
    let at = 0;
    const take = (piece: Bytes): void => {
      const part = piece.subarray(0, HEAD - at);
      head.set(part, at);
      at += part.length;
    };
    await this.#reading(async () => {
      await this.#read(take);
      const type = await typeOf(head.subarray(0, at), this.#told.length);
      this.#say("file_whole");
      this.#offer(type);
    });
  }

  #offer(type: string): void {
    const { type: said, length } = this.#told;
    // Which papers a ZIP holds stands at its end.
    const isSame = type === said || (type === "application/zip" && said.startsWith("application/"));
    if (!isSame) {
      const told = this.#text("file_type", { said, type });
      this.#more.append(make("p", { class: "warning" }, told));
    }
    const isSmall = length <= SHOWN;
    if (isSmall && PICTURES.includes(type)) {
      this.#act("show_picture", () => this.#showPicture(type));
    } else if (isSmall && type === TEXT) {
      this.#act("show_text", () => this.#showText());
    }
    this.#act("save", () => this.#save());
  }

  async #showPicture(type: string): Promise<void> {
    const canvas = await picture(await this.#pieces(), type);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", inline(this.#told.name));
    fill(this.#shown, canvas);
  }

  async #showText(): Promise<void> {
    const found = text(await this.#pieces());
    const shown = make("pre", { dir: "auto", tabindex: "0" }, found.text);
    const rest = make("p", { class: "hint" }, found.isWhole ? "" : this.#text("text_cut"));
    fill(this.#shown, shown, rest);
  }

  async #save(): Promise<void> {
    // Only now: of a Blob the browser may lay something on the disk.
    const pieces: Blob[] = [];
    await this.#read((piece) => pieces.push(new Blob([piece])));
    // No type: whatever it holds, no browser shows it.
    const whole = new Blob(pieces, { type: "application/octet-stream" });
    const href = URL.createObjectURL(whole);
    make("a", { href, download: harmless(this.#told.name) }).click();
    setTimeout(() => URL.revokeObjectURL(href), KEPT_MS);
    this.#say("file_saved");
  }

  async #pieces(): Promise<readonly Bytes[]> {
    const pieces: Bytes[] = [];
    await this.#read((piece) => pieces.push(piece));
    return pieces;
  }

  async #read(take: (piece: Bytes) => void): Promise<void> {
    if (!this.#sealed) {
      throw new AsideError("file_missing");
    }
    await openEvidence(this.#told, this.#sealed, take);
  }

  /** Do something that may find the file to be another; then it says so. */
  async #reading(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const found = error instanceof RangeError ? new AsideError("memory") : reason(error);
      this.#status.className = "error";
      this.#status.textContent = this.#text(`aside_${found.code}`);
    }
  }

  #act(name: string, act: () => Promise<void>): void {
    this.#more.append(button(this.#text(name), () => void this.#reading(act), "plain"));
  }

  #say(name: string): void {
    this.#status.className = "";
    this.#status.textContent = this.#text(name);
  }

  #text(name: string, values: Readonly<Record<string, string>> = {}): string {
    return filled(this.#facts.texts[name] ?? "", values);
  }
}
