/** How a Worker answers the page: a call by its name, an answer or the code of what failed. */
import { EntryError } from "../errors.ts";
import type { Request, Response } from "./protocol.ts";
import { Failure } from "./wire.ts";

/** Answer every call that comes with the method of its name. */
export function serve(sealer: object): void {
  const worker = globalThis as unknown as {
    onmessage: (event: MessageEvent<Request>) => void;
    postMessage: (message: Response) => void;
  };
  const calls = sealer as Readonly<Record<string, (asked: unknown) => Promise<unknown>>>;
  worker.onmessage = ({ data }) => {
    const { id, name, asked } = data;
    (calls[name] as (asked: unknown) => Promise<unknown>).call(sealer, asked).then(
      (answer) => worker.postMessage({ id, answer }),
      (error: unknown) => worker.postMessage({ id, failed: codeOf(error) }),
    );
  };
}

function codeOf(error: unknown): string {
  if (error instanceof Failure) {
    return error.code;
  }
  return error instanceof EntryError ? "too_long" : "failed";
}
