/** The Worker that seals a report: it holds the filing secret, and sends nothing but ciphertext. */
import { numbers, words } from "./core/receipt.ts";
import { facets, route } from "./core/routing.ts";
import { FilingSecret, WitnessKeys } from "./crypto/derive.ts";
import { Caller, random } from "./sealing/caller.ts";
import { fileMessage, type Filing } from "./sealing/filing.ts";
import type { Calls, Words } from "./sealing/protocol.ts";
import { serve } from "./sealing/serve.ts";
import type { Filed } from "./sealing/wire.ts";

class Sealer extends Caller {
  readonly #secret = new FilingSecret(random(32));

  async words(): Promise<Words> {
    const places = await this.#secret.receipt();
    const spelled = words(places, this.told().words.split(" "));
    return numbers(places).map((number, place) => [spelled[place] ?? "", number] as const);
  }

  async route(answers: Calls["route"]["asked"]): Promise<Calls["route"]["answer"]> {
    return route(this.told(), facets(answers, this.told()));
  }

  async file(filing: Filing): Promise<Filed> {
    return this.send("cases", filing, () =>
      fileMessage(this.told(), this.#secret, filing, random),
    );
  }

  protected async keys(): Promise<WitnessKeys> {
    return WitnessKeys.of(await this.#secret.receipt(), this.told().programme);
  }
}

serve(new Sealer());
