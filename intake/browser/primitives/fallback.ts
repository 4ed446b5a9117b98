/** The ciphers for browsers that lack one of their own, by the audited `@noble` libraries. */
import "./older.ts";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { pow } from "@noble/curves/abstract/modular.js";
import { montgomery } from "@noble/curves/abstract/montgomery.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import type { Bytes } from "../bytes.ts";
import type { Primitives } from "./kinds.ts";

// RFC 7748, section 4.1. Made from the ladder alone: the library's own x25519 brings along
// twisted Edwards curves, 7 kB for a faster key of one's own that is made once a report.
const P = 2n ** 255n - 19n;
const x25519 = montgomery({
  P,
  type: "x25519",
  powPminus2: (x) => pow(x, P - 2n, P),
  adjustScalarBytes: clamp,
});

export const primitives: Primitives = {
  async kemPublic(seed) {
    return own(ml_kem768.keygen(seed).publicKey);
  },

  async encapsulate(publicKey, random) {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, random);
    return { secret: own(sharedSecret), ciphertext: own(cipherText) };
  },

  async decapsulate(seed, ciphertext) {
    return own(ml_kem768.decapsulate(ciphertext, ml_kem768.keygen(seed).secretKey));
  },

  async exchange(scalar, point) {
    return own(x25519.getSharedSecret(scalar, point));
  },

  async cipher(key) {
    return async (nonce, plaintext) => own(chacha20poly1305(key, nonce).encrypt(plaintext));
  },
};

/** RFC 7748, section 5: a multiple of eight with its highest bit at 254. */
function clamp(scalar: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(scalar);
  bytes[0] = (bytes[0] as number) & 248;
  bytes[31] = ((bytes[31] as number) & 127) | 64;
  return bytes;
}

/** The libraries' types do not say that their bytes have a buffer of their own; they have. */
function own(bytes: Uint8Array): Bytes {
  return bytes as Bytes;
}
