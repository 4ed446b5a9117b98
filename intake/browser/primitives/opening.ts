/** The browser's own cipher, the other way: apart from `native.ts`, for what only seals. */
import type { Opening } from "./kinds.ts";

const AEAD = "ChaCha20-Poly1305";

export const opening: Opening = {
  async decipher(key) {
    const { subtle } = globalThis.crypto;
    // TypeScript does not know this format yet.
    const format = "raw-secret" as "raw";
    const imported = await subtle.importKey(format, key, AEAD, false, ["decrypt"]);
    return async (iv, sealed) =>
      new Uint8Array(await subtle.decrypt({ name: AEAD, iv } as AesGcmParams, imported, sealed));
  },
};
