/**
 * The files that a page has given away: each is looked at as it comes, one at a time is sent.
 *
 * Rules: nothing of a file is sent before the page was told what it gives away; where no copy
 * can be made, or none is needed, the original is sent; what is given up is removed.
 */
import { type Bytes, hex, type Random } from "../bytes.ts";
import type { Evidence, Wish } from "../core/evidence.ts";
import { apply, inspect, type Inspection } from "../media/inspect.ts";
import { Chosen } from "./chosen.ts";
import { FailedError, LineError } from "./failures.ts";
import { evidenceName } from "./names.ts";
import type { Failure, News, Order, Take } from "./protocol.ts";
import { sealedSize } from "./sealer.ts";
import type { Part, Sender, Sent } from "./sender.ts";

const ID_SIZE = 16;

type Kind = "original" | "copy";

/** One file and what became of it. `stranger` stands for an original that nobody is sent. */
interface Held {
  readonly id: number;
  readonly name: string;
  readonly chosen: Chosen;
  readonly sent: Map<Kind, Sent>;
  readonly stranger: string;
  wish: Wish;
  seen?: Inspection;
  current?: Current;
}

/** What is being sent; `at` is how much of it has arrived. */
interface Current {
  readonly kind: Kind;
  readonly stop: AbortController;
  at: number;
}

/** Takes a page's orders; `tell` brings it the news. */
export class Queue {
  readonly #sender: Sender;
  readonly #tell: (news: News) => void;
  readonly #random: Random;
  readonly #files = new Map<number, Held>();
  #isSending = false;

  constructor(sender: Sender, tell: (news: News) => void, random: Random) {
    this.#sender = sender;
    this.#tell = tell;
    this.#random = random;
  }

  /** Do what the page asks; an order for a number that is not known, or known already, is none. */
  hear(order: Order): void {
    const held = this.#files.get(order.id);
    if (order.do === "take" && held === undefined) {
      void this.#take(order);
    } else if (order.do === "want" && held !== undefined) {
      this.#want(held, order);
    } else if (order.do === "cancel" && held !== undefined) {
      this.#drop(held);
    }
  }

  async #take({ id, file, name, original, copy }: Take): Promise<void> {
    const held: Held = {
      id,
      name: evidenceName(name),
      chosen: new Chosen(file),
      sent: new Map(),
      stranger: hex(this.#random(ID_SIZE)),
      wish: { original, copy },
    };
    this.#files.set(id, held);
    try {
      const { chosen } = held;
      const seen = await inspect((offset, size) => chosen.read(offset, size), chosen.size);
      if (!this.#holds(held)) {
        return;
      }
      held.seen = seen;
      const { type, findings: found, warning, patches } = seen;
      this.#tell({ id, event: "seen", type, found, warning, copied: patches.length > 0 });
    } catch (error) {
      this.#fail(held, error);
      return;
    }
    this.#report(held);
    void this.#send();
  }

  #want(held: Held, { original, copy }: Wish): void {
    held.wish = { original, copy };
    if (held.seen === undefined) {
      return;
    }
    if (held.current !== undefined && !wished(held).includes(held.current.kind)) {
      held.current.stop.abort();
      delete held.current;
    }
    this.#report(held);
    void this.#send();
  }

  /** Send one part after the other, until nothing is missing. */
  async #send(): Promise<void> {
    if (this.#isSending) {
      return;
    }
    this.#isSending = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      await this.#sendPart(...next);
    }
    this.#isSending = false;
  }

  /** Return the first part that is missing, of the first file that misses one. */
  #next(): [Held, Kind] | undefined {
    for (const held of this.#files.values()) {
      const kind = wished(held).find((one) => !held.sent.has(one));
      if (kind !== undefined) {
        return [held, kind];
      }
    }
    return undefined;
  }

  async #sendPart(held: Held, kind: Kind): Promise<void> {
    const current = { kind, stop: new AbortController(), at: 0 };
    const isCurrent = () => held.current === current;
    held.current = current;
    try {
      const sent = await this.#sender.send(part(held, kind), {
        signal: current.stop.signal,
        arrived: (bytes) => {
          current.at = bytes;
          if (isCurrent()) {
            this.#tell(progress(held));
          }
        },
        waits: () => {
          if (isCurrent()) {
            this.#tell({ id: held.id, event: "waiting" });
          }
        },
      });
      if (!isCurrent()) {
        void this.#sender.remove(sent.id);
        return;
      }
      delete held.current;
      held.sent.set(kind, sent);
      if (isWhole(held)) {
        this.#report(held);
      }
    } catch (error) {
      if (!(error instanceof LineError && error.kind === "stopped")) {
        this.#fail(held, error);
      }
    }
  }

  /** Tell how a file stands: all that is wished has arrived, or how much of it. */
  #report(held: Held): void {
    this.#tell(isWhole(held) ? whole(held) : progress(held));
  }

  #fail(held: Held, error: unknown): void {
    if (this.#holds(held)) {
      this.#drop(held);
      const code: Failure = error instanceof FailedError ? error.code : "refused";
      this.#tell({ id: held.id, event: "failed", code });
    }
  }

  #drop(held: Held): void {
    this.#files.delete(held.id);
    held.current?.stop.abort();
    delete held.current;
    for (const { id } of held.sent.values()) {
      void this.#sender.remove(id);
    }
  }

  /** Whether a file was neither cancelled nor given up, nor its number used anew since. */
  #holds(held: Held): boolean {
    return this.#files.get(held.id) === held;
  }
}

/** Return what shall be sent of a file, nothing before it was looked at. */
function wished({ seen, wish }: Held): Kind[] {
  if (seen === undefined) {
    return [];
  }
  if (seen.patches.length === 0) {
    return ["original"];
  }
  const kinds: Kind[] = ["original", "copy"];
  return kinds.filter((kind) => wish[kind]);
}

function isWhole(held: Held): boolean {
  const kinds = wished(held);
  return kinds.length > 0 && kinds.every((kind) => held.sent.has(kind));
}

function part({ chosen, seen }: Held, kind: Kind): Part {
  const patches = kind === "copy" && seen !== undefined ? seen.patches : [];
  return {
    length: chosen.size,
    read: async (offset, size) => apply(patches, offset, await chosen.read(offset, size)) as Bytes,
    check: () => chosen.check(),
  };
}

function progress(held: Held): News {
  const { id, chosen, sent, current } = held;
  const kinds = wished(held);
  const each = sealedSize(chosen.size);
  const arrived = kinds.filter((kind) => sent.has(kind)).length * each + (current?.at ?? 0);
  return { id, event: "progress", sent: arrived, size: kinds.length * each };
}

function whole(held: Held): News {
  const files = wished(held).map((kind) => told(held, kind));
  return { id: held.id, event: "whole", files };
}

function told(held: Held, kind: Kind): Evidence {
  const { id, key, digest } = held.sent.get(kind) as Sent;
  const original = wished(held).includes("original") && held.sent.get("original")?.id;
  return {
    digest,
    id,
    key,
    length: held.chosen.size,
    name: held.name,
    of: kind === "copy" ? original || held.stranger : "",
    type: (held.seen as Inspection).type,
  };
}
