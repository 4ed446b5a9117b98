/** SHA-256 and what is built on it: every browser of the last ten years has these itself. */
import type { Bytes } from "../bytes.ts";

const { subtle } = globalThis.crypto;

/** Return the 32 bytes of SHA-256. */
export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await subtle.digest("SHA-256", data));
}

/** Return the 32 bytes of HMAC-SHA-256. */
export async function hmac(key: Bytes, data: Bytes): Promise<Bytes> {
  // An empty key is refused here, and by RFC 2104 the same as one of zeros.
  const material = key.length > 0 ? key : new Uint8Array(32);
  const imported = await subtle.importKey("raw", material, HMAC, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, data));
}

/** Return 32 bytes of PBKDF2-HMAC-SHA-256. */
export async function pbkdf2(secret: Bytes, salt: Bytes, iterations: number): Promise<Bytes> {
  const key = await subtle.importKey("raw", secret, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await subtle.deriveBits(how, key, 256));
}

const HMAC = { name: "HMAC", hash: "SHA-256" };
