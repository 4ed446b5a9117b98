/** What a browser sends and is answered, as in `intake.core.wire`; bytes stand as base64. */

export interface Letter {
  readonly entry: string;
  readonly evidence: readonly string[];
  readonly header: string;
  readonly kind: "report" | "message" | "note";
  readonly payload: string;
  readonly reader: string;
}

export interface Filed {
  readonly day: string;
  readonly deliveries: readonly { readonly fetched: string | null; readonly reader: string }[];
}

export interface CaseState {
  readonly additions: readonly string[];
  readonly case: string;
  readonly day: string;
  readonly deletion: string | null;
  readonly held: readonly {
    readonly entry: string;
    readonly fetched: string | null;
    readonly reader: string;
  }[];
  /** What the witness may fetch: replies, and the note that she sealed to herself. */
  readonly mail: readonly {
    readonly day: string;
    readonly entry: string;
    readonly fetched: string | null;
    readonly kind: "reply" | "note";
  }[];
  readonly withdrawn: readonly string[];
  /** The day when the keeper gave new words. */
  readonly reissued: string | null;
  /** An age file that new words open: what gives the names; empty under the first words. */
  readonly wrapped: string;
}

/** One sealed entry, as it is filed. */
export interface Sealed {
  readonly header: string;
  readonly payload: string;
}

/** What an office of a case was told, and whether it had read any of it. */
export interface Withdrawn {
  readonly day: string;
  readonly read: boolean;
}

/** Why nothing was kept: a code of the server, or `line` where it was not reached. */
export class Failure extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

// A slow telephone sends a report in seconds; beyond, the line is taken for broken.
const PATIENCE = 60_000;
const BYTES_PER_SECOND = 2_000;

/** Send a message; return the answer. Raises Failure. */
export async function post(path: string, message: string): Promise<unknown> {
  const aborted = new AbortController();
  const patience = PATIENCE + (message.length / BYTES_PER_SECOND) * 1000;
  const timer = setTimeout(() => aborted.abort(), patience);
  try {
    const answer = await fetch(`/api/v1/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: message,
      credentials: "omit",
      signal: aborted.signal,
    });
    const said: unknown = answer.status === 204 ? null : await answer.json();
    if (answer.ok) {
      return said;
    }
    throw new Failure((said as { code?: string }).code ?? "refused");
  } catch (error) {
    throw error instanceof Failure ? error : new Failure("line");
  } finally {
    clearTimeout(timer);
  }
}
