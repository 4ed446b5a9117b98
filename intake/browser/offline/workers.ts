/**
 * The Workers of a page that is a file: from Blobs, as no address has them. What they give back
 * is kept here until it is saved.
 *
 * Rule: only the scripts that the file itself carries are ever started.
 */
import type { Bound } from "./files.ts";
import type { Given } from "./kept.ts";

interface Policy {
  createScriptURL(address: string): string;
}

/** The rules of a page's one policy, under Trusted Types. */
interface Types {
  createPolicy(name: string, rules: Policy): Policy;
}

export class Workers {
  /** The sealed files, by name. */
  readonly sealed = new Map<string, Blob>();
  readonly #scripts: Readonly<Record<string, string>>;
  readonly #most: number;
  readonly #own = new Set<string>();
  readonly #policy: Policy;

  constructor(scripts: Readonly<Record<string, string>>, most: number) {
    this.#scripts = scripts;
    this.#most = most;
    const rules: Policy = {
      createScriptURL: (address) => {
        if (!this.#own.has(address)) {
          throw new TypeError("no script of this page");
        }
        return address;
      },
    };
    const { trustedTypes } = window as unknown as { trustedTypes?: Types };
    this.#policy = trustedTypes ? trustedTypes.createPolicy("intake", rules) : rules;
  }

  /** Return the Worker of a script. Raises TypeError for one that the file does not carry. */
  start(script: string): Worker {
    const text = this.#scripts[script];
    if (text === undefined) {
      throw new TypeError("no script of this page");
    }
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    this.#own.add(address);
    const worker = new Worker(this.#policy.createScriptURL(address));
    if (script.startsWith("/files")) {
      worker.addEventListener("message", ({ data }: MessageEvent<Given>) => this.#take(data));
      worker.postMessage({ do: "bound", most: this.#most } satisfies Bound);
    }
    return worker;
  }

  #take(given: Given): void {
    if (given.event === "kept") {
      this.sealed.set(given.id, given.sealed);
    } else if (given.event === "dropped") {
      this.sealed.delete(given.id);
    }
  }
}
