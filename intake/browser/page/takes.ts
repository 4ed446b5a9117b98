/**
 * The files that were chosen or recorded: sealed and sent in the background while the form is
 * filled in, each with its progress, what it tells of its maker, and a way to leave it out.
 */
import { type Evidence, FILES, isWanted, type Wish } from "../core/evidence.ts";
import type { Failure, News, Order, Seen } from "../upload/protocol.ts";
import type { Texts } from "./answers.ts";
import { fill, filled, make, size } from "./dom.ts";
import { Failed, type Start } from "./sealer.ts";

interface Item {
  readonly id: number;
  readonly file: Blob;
  readonly name: string;
  readonly row: Row;
  wish: Wish;
  seen: Seen | null;
  whole: readonly Evidence[] | null;
  failed: Failure | null;
}

/** What stands of a file. Each part stays: news take the focus from no button of it. */
interface Row {
  readonly root: HTMLElement;
  readonly told: HTMLElement;
  readonly status: HTMLElement;
  readonly bar: HTMLProgressElement;
  readonly again: HTMLButtonElement;
}

// More of one kind is no help to whoever decides, and pushes the rest off a phone.
const VALUES = 6;

export class Takes {
  readonly #list: HTMLElement;
  readonly #texts: Texts;
  readonly #script: string;
  readonly #start: Start;
  readonly #changed: () => void;
  readonly #items = new Map<number, Item>();
  /** Resolved at the next news of any file. */
  #news: (() => void)[] = [];
  #worker: Worker | null = null;
  #last = 0;

  /** Show the files in `list`; `changed` is called when one comes, goes or is looked at. */
  constructor(
    list: HTMLElement,
    texts: Texts,
    start: Start,
    script: string,
    changed: () => void,
  ) {
    this.#list = list;
    this.#texts = texts;
    this.#start = start;
    this.#script = script;
    this.#changed = changed;
  }

  get count(): number {
    return this.#items.size;
  }

  /**
   * Whether somebody may have told in one of them what happened. By both types: what this page
   * recorded begins like a film.
   */
  get isSpoken(): boolean {
    return this.#all().some(({ seen, file }) => /\baudio\//.test(`${seen?.type} ${file.type}`));
  }

  /** Whether any has a copy that tells less. */
  get isCopied(): boolean {
    return this.#all().some(({ seen }) => seen?.copied === true);
  }

  /** Take a file, and begin to send what is wished of it. */
  add(file: Blob, name: string, wish: Wish): void {
    this.#last += 1;
    const row = this.#row(this.#last, file, name);
    const none = { seen: null, whole: null, failed: null };
    const item: Item = { id: this.#last, file, name, row, wish, ...none };
    this.#items.set(item.id, item);
    this.#list.append(row.root);
    this.#draw(item);
    this.#take(item);
    this.#changed();
  }

  /**
   * Return what offices are told of all files, once everything that is wished has arrived. Raises
   * Failed where one cannot.
   */
  async settle(wish: Wish): Promise<Evidence[]> {
    if (this.count > FILES) {
      throw new Failed("files_many");
    }
    for (const item of this.#all()) {
      if (item.wish.original !== wish.original || item.wish.copy !== wish.copy) {
        item.wish = wish;
        item.whole = null;
        this.#draw(item);
        this.#send({ do: "want", id: item.id, ...wish });
      }
    }
    while (this.#all().some((item) => !item.whole)) {
      if (this.#all().some((item) => item.failed)) {
        throw new Failed("missing");
      }
      await new Promise<void>((resolve) => this.#news.push(resolve));
    }
    return this.#all().flatMap((item) => item.whole ?? []);
  }

  /** Stop everything at once, and forget it. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#items.clear();
    fill(this.#list);
  }

  #all(): Item[] {
    return [...this.#items.values()];
  }

  #take({ id, file, name, wish }: Item): void {
    this.#send({ do: "take", id, file, name, ...wish });
  }

  #send(order: Order): void {
    if (!this.#worker) {
      this.#worker = this.#start(this.#script);
      this.#worker.onmessage = ({ data }: MessageEvent<News>) => this.#hear(data);
      this.#worker.onerror = () => this.#break();
    }
    this.#worker.postMessage(order);
  }

  /** The script was blocked or broke: nothing more can be sent by it. */
  #break(): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const item of this.#all().filter((one) => !one.whole)) {
      this.#hear({ id: item.id, event: "failed", code: "refused" });
    }
  }

  #hear(news: News): void {
    const item = this.#items.get(news.id);
    if (!item) {
      return;
    }
    switch (news.event) {
      case "seen":
        item.seen = news;
        this.#draw(item);
        this.#changed();
        break;
      case "progress":
        this.#say(item, { sent: size(news.sent), size: size(news.size) }, news.sent, news.size);
        break;
      case "waiting":
        this.#status(item, "file_waits");
        break;
      case "whole":
        if (isWanted(news.files, item.wish, item.seen?.copied === true)) {
          item.whole = news.files;
          this.#draw(item);
        }
        break;
      case "failed":
        item.failed = news.code;
        this.#draw(item);
        this.#changed();
    }
    for (const resolve of this.#news.splice(0)) {
      resolve();
    }
  }

  #remove(item: Item): void {
    this.#items.delete(item.id);
    this.#send({ do: "cancel", id: item.id });
    const { root } = item.row;
    const next = root.nextElementSibling ?? root.previousElementSibling ?? this.#list;
    root.remove();
    (next as HTMLElement).focus();
    this.#changed();
    for (const resolve of this.#news.splice(0)) {
      resolve();
    }
  }

  #again(item: Item): void {
    item.failed = null;
    item.whole = null;
    item.row.root.focus();
    this.#draw(item);
    this.#take(item);
  }

  #row(id: number, file: Blob, name: string): Row {
    const text = (of: string): string => this.#texts[of] ?? "";
    const title = make("p", { id: `file-${id}` }, make("b", {}, name), " ");
    title.append(make("span", { class: "why" }, size(file.size)));
    const told = make("div");
    const status = make("p", { role: "status" });
    const bar = make("progress", { max: "1", value: "0", "aria-labelledby": title.id });
    const named = (): HTMLElement => make("span", { class: "aside-only" }, ` ${name}`);
    const press = (of: string, act: (item: Item) => void): HTMLButtonElement => {
      const button = make("button", { type: "button", class: "plain" }, text(of), named());
      button.onclick = () => {
        const item = this.#items.get(id);
        item && act(item);
      };
      return button;
    };
    const again = press("file_again", (item) => this.#again(item));
    const leave = press("file_cancel", (item) => this.#remove(item));
    const root = make("li", { tabindex: "-1" }, title, told, status, leave);
    return { root, told, status, bar, again };
  }

  #draw(item: Item): void {
    fill(item.row.told, ...this.#told(item));
    const { status, bar, again } = item.row;
    item.whole || item.failed ? bar.remove() : status.after(bar);
    item.failed && item.failed !== "too_large" ? status.after(again) : again.remove();
    this.#status(item, this.#stands(item));
  }

  /** Return what a file tells of its maker, in words. */
  #told(item: Item): HTMLElement[] {
    const { seen } = item;
    if (!seen) {
      return [];
    }
    const text = (name: string): string => this.#texts[name] ?? "";
    const shown: HTMLElement[] = [];
    if (seen.found.length > 0) {
      const found = new Map<string, string[]>();
      for (const { code, value } of seen.found) {
        const label = text(`found_${code}`) || text("found_other");
        found.set(label, [...(found.get(label) ?? []), value]);
      }
      const list = make("dl");
      for (const [label, values] of found) {
        const more = values.length > VALUES ? ` … +${values.length - VALUES}` : "";
        const shortened = values.slice(0, VALUES).join(", ") + more;
        list.append(make("dt", {}, label), make("dd", {}, shortened));
      }
      shown.push(make("p", {}, text("file_tells")), list);
    }
    if (seen.copied) {
      shown.push(make("p", {}, text("file_copied")));
    } else if (!seen.warning) {
      shown.push(make("p", { class: "why" }, text("file_clean")));
    }
    if (seen.warning) {
      shown.push(make("p", { class: "warning" }, text(`warning_${seen.warning}`)));
    }
    return shown;
  }

  #stands(item: Item): string {
    if (item.failed) {
      return `file_${item.failed}`;
    }
    if (item.whole) {
      return "file_sent";
    }
    return item.seen ? "" : "file_looking";
  }

  #say(item: Item, values: Record<string, string>, sent: number, whole: number): void {
    // The Worker may count once more after it was done.
    if (item.whole) {
      return;
    }
    const { bar } = item.row;
    bar.value = whole > 0 ? sent / whole : 0;
    bar.textContent = filled(this.#texts["file_share"] ?? "", values);
    bar.setAttribute("aria-valuetext", bar.textContent);
    this.#status(item, "");
  }

  /** Say how a file stands, with its name for whoever hears it among others; not twice. */
  #status(item: Item, name: string): void {
    const { status } = item.row;
    const text = this.#texts[name] ?? "";
    if ((status.lastChild?.textContent ?? "") !== text) {
      const named = make("span", { class: "aside-only" }, `${item.name}: `);
      fill(status, ...(text ? [named, text] : []));
    }
  }
}
