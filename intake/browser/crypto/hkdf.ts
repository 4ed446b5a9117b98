/** HKDF-SHA-256 of one block (RFC 5869): every key in age and every name is derived by it. */
import { type Bytes, concat } from "../bytes.ts";
import { hmac } from "../primitives/hashing.ts";

/** Return 32 bytes bound to `info`. */
export async function deriveKey(secret: Bytes, salt: Bytes, info: Bytes): Promise<Bytes> {
  return expand(await hmac(salt, secret), info);
}

/** Return the first block, 32 bytes, of what an extracted key gives for `info`. */
export function expand(key: Bytes, info: Bytes): Promise<Bytes> {
  return hmac(key, concat(info, Uint8Array.of(1)));
}
