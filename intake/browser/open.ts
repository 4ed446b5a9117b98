/**
 * The Worker of whoever comes back: it holds the ten words, opens what was sealed to them, and
 * sends nothing but ciphertext and the token of the mailbox.
 */
import { unbase64 } from "./bytes.ts";
import * as receipt from "./core/receipt.ts";
import { WitnessKeys } from "./crypto/derive.ts";
import { ReceiptError } from "./errors.ts";
import type { Programme } from "./core/programme.ts";
import { unwrap } from "./crypto/renewed.ts";
import { opens } from "./primitives/check.ts";
import { opening, primitives } from "./primitives/chosen.ts";
import { Caller, random } from "./sealing/caller.ts";
import type { CaseView } from "./sealing/case.ts";
import { closing, deletion, withdrawal } from "./sealing/notices.ts";
import type { Back, Typed } from "./sealing/protocol.ts";
import { serve } from "./sealing/serve.ts";
import { checked, discarded, find, type Found, type Thread, thread } from "./sealing/thread.ts";
import { Failure, post, type Sealed, type Withdrawn } from "./sealing/wire.ts";

type Lists = ReadonlyMap<string, receipt.Index>;

class Opener extends Caller {
  #keys: WitnessKeys | null = null;
  /** The page's own list, and all of them once they were needed. */
  #own: receipt.Index = new Map();
  #lists: Promise<Lists> | null = null;
  /** What was fetched and opened, by the entry's id. */
  readonly #found = new Map<string, Found>();

  override async begin(programme: Programme): Promise<boolean> {
    this.#own = receipt.index(programme.words.split(" "));
    return (await super.begin(programme)) && (await opens(primitives, opening));
  }

  async unfit({ text, list }: Typed): Promise<readonly number[]> {
    const own = list ? [] : receipt.unfit(text, [this.#own]);
    return list || own.length > 0 ? receipt.unfit(text, await this.#listed(list)) : own;
  }

  async comeBack(typed: Typed): Promise<Back> {
    let places: receipt.Places;
    try {
      places = await this.#places(typed);
    } catch (error) {
      if (error instanceof ReceiptError) {
        return { view: null, code: error.code, places: error.places };
      }
      throw error;
    }
    this.#keys = await WitnessKeys.of(places, this.told().programme);
    this.#found.clear();
    return { view: await this.look(), code: "", places: [] };
  }

  override async look(): Promise<CaseView> {
    const view = await super.look();
    this.opened().replies = checked([...this.#found.values()]);
    return view;
  }

  async thread(): Promise<Thread> {
    const { mail } = this.opened().state;
    const entries = [...new Set(mail.map(({ entry }) => entry))];
    // What the line interrupts goes on where it was; what was withheld is asked for again.
    for (const one of mail) {
      const held = this.#found.get(one.entry);
      if (!held || held.reason === "missing") {
        this.#found.set(one.entry, await this.#fetch(one));
      }
    }
    const found = entries.flatMap((entry) => this.#found.get(entry) ?? []);
    this.opened().replies = checked(found);
    return thread(this.opened(), found);
  }

  async discard(entry: string): Promise<CaseView> {
    const mark = await discarded(this.opened(), entry);
    await post("mail/discard", JSON.stringify({ entry, mark, token: this.opened().token }));
    this.#found.delete(entry);
    return this.look();
  }

  async withdraw(office: string): Promise<{ read: boolean; view: CaseView }> {
    const seal = (): Promise<string> => withdrawal(this.opened(), office, random);
    const { read } = await this.send<Withdrawn>("withdraw", office, seal);
    return { read, view: await this.look() };
  }

  async deletion(isWanted: boolean): Promise<CaseView> {
    if (Boolean(this.opened().state.deletion) !== isWanted) {
      const seal = (): Promise<string> => deletion(this.opened(), isWanted, random);
      await this.send("deletion", isWanted, seal);
    }
    return this.look();
  }

  async close(): Promise<null> {
    try {
      await this.send("closing", null, () => closing(this.opened(), random));
    } catch (error) {
      // Sent twice: it is closed, and the words open nothing.
      if ((error as Failure).code !== "not_found") {
        throw error;
      }
    }
    this.#keys = null;
    this.#found.clear();
    return null;
  }

  protected override unwrap(wrapped: string, words: WitnessKeys): Promise<WitnessKeys> {
    return unwrap(unbase64(wrapped), words);
  }

  protected async keys(): Promise<WitnessKeys> {
    if (!this.#keys) {
      throw new Failure("refused");
    }
    return this.#keys;
  }

  async #fetch(mail: Parameters<typeof find>[1]): Promise<Found> {
    const message = JSON.stringify({ entry: mail.entry, token: this.opened().token });
    try {
      return await find(this.opened(), mail, (await post("mail", message)) as Sealed | null);
    } catch (error) {
      // One that the server names and does not give must not keep the others from her.
      if (!(error instanceof Failure) || ["line", "busy", "store"].includes(error.code)) {
        throw error;
      }
      return { entry: mail.entry, reason: "missing", read: null };
    }
  }

  async #places({ text, list }: Typed): Promise<receipt.Places> {
    if (!list) {
      try {
        return await receipt.parse(text, [this.#own]);
      } catch (error) {
        if (!(error instanceof ReceiptError) || error.code === "count") {
          throw error;
        }
      }
    }
    return receipt.parse(text, await this.#listed(list));
  }

  /** Return the list of a language, or all where none was chosen; fetched once. */
  async #listed(list: string): Promise<receipt.Index[]> {
    this.#lists ??= fetched();
    this.#lists.catch(() => {
      this.#lists = null;
    });
    const lists = await this.#lists;
    const chosen = lists.get(list);
    return chosen ? [chosen] : [...lists.values()];
  }
}

async function fetched(): Promise<Lists> {
  try {
    const answer = await fetch("/words.json", { credentials: "omit" });
    const lists = (await answer.json()) as Readonly<Record<string, string>>;
    const named = Object.entries(lists);
    return new Map(named.map(([name, words]) => [name, receipt.index(words.split(" "))] as const));
  } catch {
    throw new Failure("line");
  }
}

serve(new Opener());
