import { works } from "./check.ts";
import { primitives } from "./native.ts";

/** Whether the browser's own primitives all work, so that sealing needs no library. */
export function detect(): Promise<boolean> {
  return works(primitives);
}
