/** How sending a file goes wrong: for good, or on the way. */
import { IntakeError } from "../errors.ts";
import type { Failure } from "./protocol.ts";

/** The file will not arrive; its code is told to the page. */
export class FailedError extends IntakeError {
  readonly code: Failure;

  constructor(message: string, code: Failure) {
    super(message);
    this.code = code;
  }
}

/**
 * A request that led to nothing: the line is `lost`, the server `busy`, the upload stands
 * `elsewhere` or is `gone`, or the page `stopped` it.
 */
export class LineError extends IntakeError {
  readonly kind: "lost" | "busy" | "elsewhere" | "gone" | "stopped";

  constructor(message: string, kind: LineError["kind"]) {
    super(message);
    this.kind = kind;
  }
}
