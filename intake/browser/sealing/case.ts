/**
 * A case as its witness's words tell it, and what she adds to it; as `intake.server.additions`.
 *
 * Rules: every name in the store derives from the words; numbers of additions have no gap.
 */
import { base64, type Random } from "../bytes.ts";
import type { AdditionBody } from "../core/entry.ts";
import { type Evidence, visible } from "../core/evidence.ts";
import type { Answers, Programme } from "../core/programme.ts";
import { facets, type Proposal, route } from "../core/routing.ts";
import type { WitnessKeys } from "../crypto/derive.ts";
import { entrust } from "../crypto/keeper.ts";
import { reportBody } from "./filing.ts";
import { kept, sealLetter } from "./letter.ts";
import { post } from "./way.ts";
import { type CaseState, Failure, type Letter } from "./wire.ts";

// As in intake.core.limits: one a week for a year.
export const ADDITIONS = 50;
// The choices of a person whose name an office may have; with any other answer it gets none.
const NAMED = ["confidential", "not-accused", "open"];

/** What is added, and for whom. */
export interface Addition {
  readonly group: string;
  readonly answers: Answers;
  readonly people: readonly Answers[];
  /** What is told to one office alone. */
  readonly own: Readonly<Record<string, Answers>>;
  readonly offices: readonly string[];
  /** Offices that get the case now. */
  readonly joining: readonly string[];
  readonly originals: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** What a page shows of a case. */
export interface CaseView {
  readonly day: string;
  /** The day on which it is deleted. */
  readonly deletion: string | null;
  /** The day when the keeper gave new words. */
  readonly reissued: string | null;
  readonly holders: readonly { readonly office: string; readonly fetched: string | null }[];
  readonly withdrawn: readonly string[];
  /** How many additions there are, by group. */
  readonly numbers: Readonly<Record<string, number>>;
}

export class Case {
  readonly programme: Programme;
  /** What gives the names: of the first words, also where they were lost. */
  readonly keys: WitnessKeys;
  /** What opens the mailbox, in base64: of the words that hold now. */
  readonly token: string;
  readonly state: CaseState;
  /** The first entry that each office of the programme would hold. */
  readonly firsts: ReadonlyMap<string, string>;
  readonly numbers: ReadonlyMap<string, number>;
  /** The replies of each office that were opened here and are its own. */
  replies: ReadonlyMap<string, readonly string[]> = new Map();

  private constructor(
    programme: Programme,
    keys: WitnessKeys,
    token: string,
    state: CaseState,
    firsts: ReadonlyMap<string, string>,
    numbers: ReadonlyMap<string, number>,
  ) {
    this.programme = programme;
    this.keys = keys;
    this.token = token;
    this.state = state;
    this.firsts = firsts;
    this.numbers = numbers;
  }

  /**
   * Ask the server how the case stands; `unwrap` returns what new words open. Raises Failure, and
   * what `unwrap` raises.
   */
  static async open(
    programme: Programme,
    words: WitnessKeys,
    unwrap: (wrapped: string, words: WitnessKeys) => Promise<WitnessKeys>,
  ): Promise<Case> {
    const token = base64(await words.mailboxToken());
    const state = (await post("case", JSON.stringify({ token }))) as CaseState;
    const keys = state.wrapped ? await unwrap(state.wrapped, words) : words;
    const firsts = new Map<string, string>();
    for (const { id } of programme.offices) {
      firsts.set(id, await keys.entry("report", id));
    }
    const known = new Set(state.additions);
    const numbers = new Map<string, number>();
    const groups = programme.groups.map((group) => group.name).filter((name) => name !== "report");
    for (const name of [...groups, ...programme.notices]) {
      let count = 0;
      while (count < ADDITIONS && known.has(await keys.addition(name, count))) {
        count += 1;
      }
      numbers.set(name, count);
    }
    return new Case(programme, keys, token, state, firsts, numbers);
  }

  /** Return what a page shows. */
  view(): CaseView {
    const held = new Map(this.state.held.map((one) => [one.entry, one.fetched]));
    const holders = [...this.firsts]
      .filter(([, entry]) => held.has(entry))
      .map(([office, entry]) => ({ office, fetched: held.get(entry) ?? null }));
    return {
      day: this.state.day,
      deletion: this.state.deletion,
      reissued: this.state.reissued,
      holders,
      withdrawn: [...this.firsts.keys()].filter((office) => this.isWithdrawn(office)),
      numbers: Object.fromEntries(this.numbers),
    };
  }

  /** Return the offices that answers lead to and that never had the case. */
  proposals(group: string, answers: Answers): Proposal[] {
    if (!this.programme.groups.find((one) => one.name === group)?.reroutes) {
      return [];
    }
    const held = new Set(this.state.held.map((one) => one.entry));
    return route(this.programme, facets(answers, this.programme)).proposals.filter(
      ({ office }) => !held.has(this.firsts.get(office) ?? "") && !this.isWithdrawn(office),
    );
  }

  /** Return the message that adds something; sealed anew it is another one. Raises Failure. */
  async message(addition: Addition, random: Random): Promise<string> {
    const number = this.numbers.get(addition.group) ?? 0;
    if (number >= ADDITIONS) {
      throw new Failure("refused");
    }
    const letters: Letter[] = [];
    const isKeeper = this.programme.groups.find((one) => one.name === addition.group)?.keeper;
    const halves = isKeeper ? await entrust(this.keys, random) : { trust: "", deposit: "" };
    for (const office of addition.offices) {
      const body = { ...this.#body(addition, office), keeper: halves.trust };
      letters.push(await this.letter(`${addition.group}/${number}`, office, body, random));
    }
    for (const office of addition.joining) {
      letters.push(await this.#first(addition, office, random));
    }
    const marks: string[] = [];
    for (const joining of addition.joining) {
      for (const told of addition.offices) {
        marks.push(await this.keys.addition(`refer/${joining}/${told}`, 0));
      }
    }
    return JSON.stringify({
      keeper: halves.deposit,
      id: await this.keys.addition(addition.group, number),
      letters,
      marks,
      needs: addition.offices.map((office) => this.firsts.get(office)),
      token: this.token,
    });
  }

  /** Return what one office is told under a name that its entry derives from. */
  async letter(name: string, office: string, body: AdditionBody, random: Random): Promise<Letter> {
    const draft = {
      case: this.state.case,
      office,
      entry: await this.keys.entry(name, office),
      body,
      seen: [...(await this.of(office)), ...(this.replies.get(office) ?? [])].sort(),
      messageKey: await this.keys.messageKey(office),
    };
    return sealLetter(this.programme, draft, random);
  }

  async #first(addition: Addition, office: string, random: Random): Promise<Letter> {
    const files = visible(addition.evidence, addition.originals.includes(office));
    const body = reportBody(this.programme, addition.answers, files, {
      contact: "",
      messageKey: await this.keys.messageKey(office),
      replyTo: base64(await this.keys.recipient()),
    });
    const entry = this.firsts.get(office) ?? "";
    const draft = { case: this.state.case, office, entry, body, seen: [], messageKey: null };
    return sealLetter(this.programme, draft, random);
  }

  /** What one office is told; one that may know no name gets none. */
  #body(addition: Addition, office: string): AdditionBody {
    const own = addition.own[office] ?? {};
    const { name, ...others } = { ...addition.answers, ...own };
    const isNamed = typeof own["identity"] === "string" && NAMED.includes(own["identity"]);
    return {
      type: "addition",
      answers: kept(isNamed && name !== undefined ? { ...others, name } : others),
      digest: this.programme.digest,
      evidence: visible(addition.evidence, addition.originals.includes(office)),
      group: addition.group,
      keeper: "",
      language: this.programme.language,
      people: addition.people.map(kept).filter((person) => Object.keys(person).length > 0),
      refer: addition.joining,
      unscripted: false,
      version: this.programme.version,
    };
  }

  /** Return the ids of everything that an office holds of the case. */
  async of(office: string): Promise<string[]> {
    const held = new Set(this.state.held.map((one) => one.entry));
    return (await this.own(office)).filter((entry) => held.has(entry));
  }

  /** Return the ids of everything that was ever told to an office, whether it has it still. */
  async own(office: string): Promise<string[]> {
    const added = [...this.numbers].flatMap(([group, count]) =>
      Array.from({ length: count }, (_, number) => `${group}/${number}`),
    );
    const stopped = [...this.firsts.keys()]
      .filter((other) => this.isWithdrawn(other))
      .map((other) => `stopped/${other}`);
    const names = ["report", ...added, ...stopped];
    return Promise.all(names.map((name) => this.keys.entry(name, office)));
  }

  /** Whether the witness took the case back from an office. */
  isWithdrawn(office: string): boolean {
    return this.state.withdrawn.includes(this.firsts.get(office) ?? "");
  }
}
