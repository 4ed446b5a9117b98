/**
 * The Worker that seals: it holds the filing secret, and sends nothing but ciphertext.
 *
 * Rules: what was sealed is kept until it is acknowledged, so sent again it is the same; an
 * answer or an error holds no secret but the words.
 */
import type { Bytes, Random } from "./bytes.ts";
import type { Programme } from "./core/programme.ts";
import { numbers, words } from "./core/receipt.ts";
import { officeProblems, pageProblems, problems } from "./core/report.ts";
import { facets, route } from "./core/routing.ts";
import { FilingSecret, WitnessKeys } from "./crypto/derive.ts";
import { EntryError } from "./errors.ts";
import { works } from "./primitives/check.ts";
import { primitives } from "./primitives/chosen.ts";
import { type Addition, Case, type CaseView } from "./sealing/case.ts";
import { fileMessage, type Filing } from "./sealing/filing.ts";
import type { Calls, Given, Name, Request, Response, Words } from "./sealing/protocol.ts";
import { post } from "./sealing/way.ts";
import { Failure, type Filed } from "./sealing/wire.ts";

const random: Random = (count): Bytes => crypto.getRandomValues(new Uint8Array(count));

class Sealer {
  #programme: Programme | null = null;
  readonly #secret = new FilingSecret(random(32));
  #case: Case | null = null;
  /** What was sealed last, and what for: sent again, it is the same. */
  #sealed = { what: "", message: "" };

  async begin(programme: Programme): Promise<boolean> {
    this.#programme = programme;
    return works(primitives);
  }

  async words(): Promise<Words> {
    const places = await this.#secret.receipt();
    const spelled = words(places, this.#told().words.split(" "));
    return numbers(places).map((number, place) => [spelled[place] ?? "", number] as const);
  }

  async problems(given: Given): Promise<Calls["problems"]["answer"]> {
    const programme = this.#told();
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

  async route(answers: Calls["route"]["asked"]): Promise<Calls["route"]["answer"]> {
    return route(this.#told(), facets(answers, this.#told()));
  }

  async file(filing: Filing): Promise<Filed> {
    const seal = (): Promise<string> => fileMessage(this.#told(), this.#secret, filing, random);
    const answer = await post("cases", await this.#once(["file", filing], seal));
    const filed = answer as Partial<Filed> | null;
    // A network that answers for the server has kept nothing.
    if (!filed?.day || !filed.deliveries) {
      throw new Failure("line");
    }
    return filed as Filed;
  }

  async look(): Promise<CaseView> {
    const keys = await WitnessKeys.of(await this.#secret.receipt(), this.#told().programme);
    this.#case = await Case.open(this.#told(), keys);
    return this.#case.view();
  }

  async proposals(asked: Calls["proposals"]["asked"]): Promise<Calls["proposals"]["answer"]> {
    return this.#opened().proposals(asked.group, asked.answers);
  }

  async add(addition: Addition): Promise<CaseView> {
    const seal = (): Promise<string> => this.#opened().message(addition, random);
    await post("additions", await this.#once(["add", addition], seal));
    return this.look();
  }

  async #once(asked: unknown, seal: () => Promise<string>): Promise<string> {
    const what = JSON.stringify(asked);
    if (this.#sealed.what !== what) {
      this.#sealed = { what, message: await seal() };
    }
    return this.#sealed.message;
  }

  #told(): Programme {
    if (!this.#programme) {
      throw new Failure("refused");
    }
    return this.#programme;
  }

  #opened(): Case {
    if (!this.#case) {
      throw new Failure("refused");
    }
    return this.#case;
  }
}

const sealer = new Sealer();
const worker = globalThis as unknown as {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage: (message: Response) => void;
};

worker.onmessage = ({ data }) => {
  const { id, name, asked } = data;
  const call = sealer[name as Name] as (asked: unknown) => Promise<unknown>;
  call.call(sealer, asked).then(
    (answer) => worker.postMessage({ id, answer }),
    (error: unknown) => worker.postMessage({ id, failed: codeOf(error) }),
  );
};

function codeOf(error: unknown): string {
  if (error instanceof Failure) {
    return error.code;
  }
  return error instanceof EntryError ? "too_long" : "failed";
}
