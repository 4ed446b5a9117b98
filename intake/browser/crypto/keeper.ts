/**
 * New words for a case whose own are lost; the same as `intake.crypto.keeper`.
 *
 * Rules: what the lost words gave is split by a one-time pad, one half for the office that she
 * chose, one for the server, and neither tells anything.
 */
import { base64, concat, hex, type Random } from "../bytes.ts";
import { sha256 } from "../primitives/hashing.ts";
import type { WitnessKeys } from "./derive.ts";

const SIZE = 32;

/** The office's half as it stands in its entry (hex), the server's as it is sent (base64). */
export interface Halves {
  readonly trust: string;
  readonly deposit: string;
}

/** Return both halves of what the words give, with the token by which the office asks. */
export async function entrust(keys: WitnessKeys, random: Random): Promise<Halves> {
  const token = random(SIZE);
  const half = random(SIZE);
  return {
    trust: hex(concat(token, keys.masked(half))),
    deposit: base64(concat(await sha256(token), half)),
  };
}
