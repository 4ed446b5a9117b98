/** Memory given back at once: a collector may leave tens of megabytes lying about. */
import type { Bytes } from "../bytes.ts";

/** `ArrayBuffer.prototype.transfer` (Chrome 114, Firefox 122, Safari 17.4). */
interface Movable {
  transfer?: (size: number) => ArrayBuffer;
}

/** Free bytes that nobody reads again, and all others of their buffer, where the browser can. */
export function letGo(bytes: Bytes): void {
  (bytes.buffer as Movable).transfer?.(0);
}
