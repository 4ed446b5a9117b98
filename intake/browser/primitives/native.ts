/**
 * The browser's own ciphers: X25519 (Web Cryptography Level 2), ML-KEM-768 and
 * ChaCha20-Poly1305 (WICG, "Modern Algorithms in the Web Cryptography API").
 */
import { type Bytes, concat } from "../bytes.ts";
import type { Primitives } from "./kinds.ts";

const KEM = "ML-KEM-768";
const CURVE = "X25519";
const AEAD = "ChaCha20-Poly1305";

// RFC 8410: how PKCS#8 wraps a scalar, which has no raw form of its own.
const SCALAR_START = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20];

/** What the drafts add and TypeScript does not know yet. */
interface ModernCrypto {
  importKey(
    format: string,
    data: Bytes,
    algorithm: string,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKey>;
  exportKey(format: string, key: CryptoKey): Promise<ArrayBuffer>;
  getPublicKey(key: CryptoKey, usages: readonly string[]): Promise<CryptoKey>;
  encapsulateBits(
    algorithm: string,
    key: CryptoKey,
  ): Promise<{ sharedKey: ArrayBuffer; ciphertext: ArrayBuffer }>;
  decapsulateBits(algorithm: string, key: CryptoKey, ciphertext: Bytes): Promise<ArrayBuffer>;
}

const { subtle } = globalThis.crypto;
const modern = subtle as unknown as ModernCrypto;

export const primitives: Primitives = {
  async kemPublic(seed) {
    const secret = await kemSecret(seed);
    const key = await modern.getPublicKey(secret, ["encapsulateBits"]);
    return new Uint8Array(await modern.exportKey("raw-public", key));
  },

  async encapsulate(publicKey) {
    const usages = ["encapsulateBits"];
    const key = await modern.importKey("raw-public", publicKey, KEM, false, usages);
    const { sharedKey, ciphertext } = await modern.encapsulateBits(KEM, key);
    return { secret: new Uint8Array(sharedKey), ciphertext: new Uint8Array(ciphertext) };
  },

  async decapsulate(seed, ciphertext) {
    return new Uint8Array(await modern.decapsulateBits(KEM, await kemSecret(seed), ciphertext));
  },

  async exchange(scalar, point) {
    const pkcs8 = concat(Uint8Array.from(SCALAR_START), scalar);
    const [secret, other] = await Promise.all([
      subtle.importKey("pkcs8", pkcs8, CURVE, false, ["deriveBits"]),
      subtle.importKey("raw", point, CURVE, false, []),
    ]);
    return new Uint8Array(await subtle.deriveBits({ name: CURVE, public: other }, secret, 256));
  },

  async cipher(key) {
    const imported = await modern.importKey("raw-secret", key, AEAD, false, ["encrypt"]);
    return async (iv, plaintext) =>
      new Uint8Array(await subtle.encrypt({ name: AEAD, iv } as AesGcmParams, imported, plaintext));
  },
};

function kemSecret(seed: Bytes): Promise<CryptoKey> {
  return modern.importKey("raw-seed", seed, KEM, false, ["decapsulateBits"]);
}
