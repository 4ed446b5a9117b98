/**
 * What the page asks of any Worker that seals: to look over answers, to look at a case, to add.
 *
 * Rules: nothing is sent but ciphertext; what was sealed is kept until it is acknowledged, so sent
 * again it is the same; an answer or an error holds no secret but the words.
 */
import type { Bytes, Random } from "../bytes.ts";
import type { Programme } from "../core/programme.ts";
import { officeProblems, pageProblems, problems } from "../core/report.ts";
import type { WitnessKeys } from "../crypto/derive.ts";
import { works } from "../primitives/check.ts";
import { primitives } from "../primitives/chosen.ts";
import { type Addition, Case, type CaseView } from "./case.ts";
import type { Calls, Given } from "./protocol.ts";
import { post } from "./way.ts";
import { Failure, type Filed } from "./wire.ts";

export const random: Random = (count): Bytes => crypto.getRandomValues(new Uint8Array(count));

export abstract class Caller {
  #programme: Programme | null = null;
  #case: Case | null = null;
  /** What was sealed last, and what for: sent again, it is the same. */
  #sealed = { what: "", message: "" };

  /** Return what the words of this visit give. */
  protected abstract keys(): Promise<WitnessKeys>;

  /** Return what new words open in place of lost ones: none where she was just given hers. */
  protected async unwrap(_wrapped: string, _words: WitnessKeys): Promise<WitnessKeys> {
    throw new Failure("refused");
  }

  async begin(programme: Programme): Promise<boolean> {
    this.#programme = programme;
    return works(primitives);
  }

  async problems(given: Given): Promise<Calls["problems"]["answer"]> {
    const programme = this.told();
    const group = programme.groups.find((one) => one.name === given.group);
    if (!group) {
      throw new Failure("refused");
    }
    const found = problems(given.answers, programme, group, given.people, given.isSpoken);
    for (const [office, answers] of Object.entries(given.own)) {
      found.push(...officeProblems(office, answers, group));
    }
    const whole = pageProblems(given.answers, group, given.people, given.own, given.hasFiles);
    return group.name === "report" ? found : [...found, ...whole];
  }

  async look(): Promise<CaseView> {
    this.#case = await Case.open(this.told(), await this.keys(), this.unwrap);
    return this.#case.view();
  }

  async proposals(asked: Calls["proposals"]["asked"]): Promise<Calls["proposals"]["answer"]> {
    return this.opened().proposals(asked.group, asked.answers);
  }

  async add(addition: Addition): Promise<CaseView> {
    await this.send("additions", addition, () => this.opened().message(addition, random));
    return this.look();
  }

  /**
   * Send what is sealed for what was asked, once; until the server has taken it, sent again it is
   * the same. After a conflict it is sealed anew. Raises Failure.
   */
  protected async send<Answer extends { readonly day: string } = Filed>(
    path: string,
    asked: unknown,
    seal: () => Promise<string>,
  ): Promise<Answer> {
    const what = JSON.stringify([path, asked]);
    if (this.#sealed.what !== what) {
      this.#sealed = { what, message: await seal() };
    }
    try {
      const answer = (await post(path, this.#sealed.message)) as Answer | null;
      // A network that answers for the server has kept nothing.
      if (!answer?.day) {
        throw new Failure("line");
      }
      this.#sealed = { what: "", message: "" };
      return answer;
    } catch (error) {
      if (this.#case && (error as Failure).code === "conflict") {
        this.#sealed = { what: "", message: "" };
        await this.look();
      }
      throw error;
    }
  }

  protected told(): Programme {
    if (!this.#programme) {
      throw new Failure("refused");
    }
    return this.#programme;
  }

  protected opened(): Case {
    if (!this.#case) {
      throw new Failure("refused");
    }
    return this.#case;
  }
}
