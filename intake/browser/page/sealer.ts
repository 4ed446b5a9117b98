/** The page's side of the Worker that seals. */
import type { Programme } from "../core/programme.ts";
import type { Calls, Name, Response } from "../sealing/protocol.ts";

/** Returns the Worker of a script of this server. */
export type Start = (script: string) => Worker;

/** Why a call failed: a code of the server, `line`, or `failed`. */
export class Failed extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export class Sealer {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (response: Response) => void>();
  #last = 0;

  /** The script of the Worker that seals and sends files, of the same make. */
  readonly filesScript: string;

  private constructor(worker: Worker, filesScript: string) {
    this.#worker = worker;
    this.filesScript = filesScript;
    worker.onmessage = ({ data }: MessageEvent<Response>) => {
      this.#waiting.get(data.id)?.(data);
      this.#waiting.delete(data.id);
    };
  }

  /**
   * Start the Worker with the browser's own ciphers, or with the library's where it lacks one;
   * `name` is that of its scripts. Raises Failed where neither works.
   */
  static async start(start: Start, programme: Programme, name = "seal"): Promise<Sealer> {
    for (const make of ["", "-full"]) {
      const worker = start(`/${name}${make}.js`);
      const sealer = new Sealer(worker, `/files${make}.js`);
      const broken = new Promise<boolean>((resolve) => {
        worker.onerror = () => resolve(false);
      });
      const works = sealer.call("begin", programme).catch(() => false);
      if (await Promise.race([works, broken])) {
        return sealer;
      }
      worker.terminate();
    }
    throw new Failed("failed");
  }

  /** Call the Worker. Raises Failed. */
  call<N extends Name>(name: N, asked: Calls[N]["asked"]): Promise<Calls[N]["answer"]> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (response) =>
        "failed" in response
          ? reject(new Failed(response.failed))
          : resolve(response.answer as Calls[N]["answer"]),
      );
      this.#worker.postMessage({ id, name, asked });
    });
  }

  /** Stop, and forget all secrets. */
  stop(): void {
    this.#worker.terminate();
  }
}
