/** Whether a make of the primitives works here: known answers, not only presence. */
import { concat, hex } from "../bytes.ts";
import { sha256 } from "./hashing.ts";
import type { Opening, Primitives } from "./kinds.ts";

/** Whether every primitive gives its known answer, and what was encapsulated is found again. */
export async function works(primitives: Primitives): Promise<boolean> {
  try {
    const seed = Uint8Array.from({ length: 64 }, (_, at) => at);
    const key = seed.slice(0, 32);
    const publicKey = await primitives.kemPublic(seed);
    const { secret, ciphertext } = await primitives.encapsulate(publicKey, key);
    const found = await primitives.decapsulate(seed, ciphertext);
    const exchanged = await primitives.exchange(key, seed.slice(32));
    const sealed = await (await primitives.cipher(key))(seed.slice(0, 12), seed);
    const answers = await sha256(concat(publicKey, exchanged, sealed));
    return hex(secret) === hex(found) && hex(answers) === ANSWERS;
  } catch {
    return false;
  }
}

/** Whether what this make seals is opened again, and what was altered is not. */
export async function opens(primitives: Primitives, opening: Opening): Promise<boolean> {
  try {
    const key = Uint8Array.from({ length: 32 }, (_, at) => at);
    const nonce = key.slice(0, 12);
    const sealed = await (await primitives.cipher(key))(nonce, key);
    const decipher = await opening.decipher(key);
    const found = await decipher(nonce, sealed);
    sealed[0] = (sealed[0] as number) ^ 1;
    const isRefused = await decipher(nonce, sealed).then(
      () => false,
      () => true,
    );
    return hex(found) === hex(key) && isRefused;
  } catch {
    return false;
  }
}

// SHA-256 over the three fixed answers, computed with Python's cryptography.
const ANSWERS = "59a32dc53395fd2b620f309e82df1cb4b770f1cb1455d52a0dd45b9996742c76";
