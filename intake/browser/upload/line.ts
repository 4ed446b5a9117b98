/**
 * The calls of tus 1.0 that send a file; `intake.server.tus` answers them.
 *
 * Source: https://tus.io/protocols/resumable-upload
 *
 * Rules: nothing but sizes and sealed bytes is sent; an answer that is not evidently our
 * server's, of a hotel's login page or a proxy, counts as a lost line; no body is read.
 */
import type { Bytes } from "../bytes.ts";
import { FailedError, LineError } from "./failures.ts";

const PATH = "/api/v1/uploads";
const VERSION = "1.0.0";
const PLACE = new RegExp(`^${PATH}/([0-9a-f]{32})$`);
// As many digits as the longest file that intake.core.limits knows.
const NUMBER = /^[0-9]{1,13}$/;

// A line that was silent for so long is lost; half of what it took is sent next.
const ANSWER_MS = 60_000;

/** The way to one server; `origin` is empty for the one that the script came from. */
export class Line {
  readonly #origin: string;

  constructor(origin = "") {
    this.#origin = origin;
  }

  /** Return the id of a new upload of `size` bytes. Raises FailedError, LineError. */
  async begin(size: number, signal: AbortSignal): Promise<string> {
    const answer = await this.#ask("POST", "", { "Upload-Length": String(size) }, signal);
    if (answer.status === 413 && isOurs(answer)) {
      throw new FailedError("the server takes no file of this size, send less of it", "too_large");
    }
    if (answer.status === 404 && isOurs(answer)) {
      throw refused();
    }
    check(answer, 201);
    const [, id] = PLACE.exec(answer.headers.get("Location") ?? "") ?? [];
    if (id === undefined) {
      throw lost();
    }
    return id;
  }

  /** Return how many bytes of an upload of `size` are kept. Raises FailedError, LineError. */
  async stands(id: string, size: number, signal: AbortSignal): Promise<number> {
    const answer = await this.#ask("HEAD", id, {}, signal);
    check(answer, 200);
    if (count(answer, "Upload-Length") !== size) {
      throw new LineError("the upload has another size, begin anew", "gone");
    }
    return count(answer, "Upload-Offset");
  }

  /** Send `part` for `offset`; return how many bytes are kept. Raises FailedError, LineError. */
  async append(id: string, offset: number, part: Bytes, signal: AbortSignal): Promise<number> {
    const headers = {
      "Content-Type": "application/offset+octet-stream",
      "Upload-Offset": String(offset),
    };
    const answer = await this.#ask("PATCH", id, headers, signal, part);
    check(answer, 204);
    return count(answer, "Upload-Offset");
  }

  /** Remove an upload. Raises FailedError, LineError. */
  async end(id: string, signal: AbortSignal): Promise<void> {
    check(await this.#ask("DELETE", id, {}, signal), 204);
  }

  async #ask(
    method: string,
    id: string,
    headers: Record<string, string>,
    signal: AbortSignal,
    body: Bytes | null = null,
  ): Promise<Response> {
    const stop = new AbortController();
    const end = () => stop.abort();
    const timer = setTimeout(end, ANSWER_MS);
    signal.addEventListener("abort", end);
    try {
      if (signal.aborted) {
        end();
      }
      const answer = await fetch(`${this.#origin}${PATH}${id && "/"}${id}`, {
        method,
        headers: { ...headers, "Tus-Resumable": VERSION },
        body,
        credentials: "omit",
        redirect: "error",
        signal: stop.signal,
      });
      if (!answer.ok || !isOurs(answer)) {
        // Whatever body follows.
        end();
      }
      return answer;
    } catch {
      throw signal.aborted ? new LineError("the file is no longer wanted", "stopped") : lost();
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    }
  }
}

/** Raises FailedError, LineError unless the answer is our server's and has this status. */
function check(answer: Response, wanted: number): void {
  const { status } = answer;
  if (status === wanted && isOurs(answer)) {
    return;
  }
  if (status < 400 || !isOurs(answer)) {
    throw lost();
  }
  if (status === 404 || status === 410) {
    throw new LineError("the upload is gone, begin anew", "gone");
  }
  if (status === 409) {
    throw new LineError("the upload stands elsewhere, ask where", "elsewhere");
  }
  if (status === 507) {
    throw new FailedError("the server has no room for this file, send it later", "full");
  }
  if (status === 423 || status === 429 || status >= 500) {
    throw new LineError("the server is busy, wait a moment", "busy");
  }
  throw refused();
}

/** Whether our server made it: what it takes names the version, what it refuses is JSON. */
function isOurs(answer: Response): boolean {
  const type = answer.headers.get("Content-Type") ?? "";
  return answer.headers.get("Tus-Resumable") === VERSION || type.startsWith("application/json");
}

function count(answer: Response, name: string): number {
  const text = answer.headers.get(name) ?? "";
  if (!NUMBER.test(text)) {
    throw lost();
  }
  return Number(text);
}

function refused(): FailedError {
  return new FailedError("the server does not take this file, get the page again", "refused");
}

function lost(): LineError {
  return new LineError("the line is lost, try again", "lost");
}
