/** The library's cipher, the other way. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Bytes } from "../bytes.ts";
import type { Opening } from "./kinds.ts";

export const opening: Opening = {
  async decipher(key) {
    return async (nonce, sealed) => chacha20poly1305(key, nonce).decrypt(sealed) as Bytes;
  },
};
