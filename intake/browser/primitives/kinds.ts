/** What sealing needs beyond SHA-256, of whichever make. */
import type { Bytes } from "../bytes.ts";

/** A secret of 32 bytes, and what its receiver finds it by. */
export interface Encapsulation {
  readonly secret: Bytes;
  readonly ciphertext: Bytes;
}

/** Return `plaintext` with its tag, under a nonce of 12 bytes and no associated data. */
export type Cipher = (nonce: Bytes, plaintext: Bytes) => Promise<Bytes>;

/** Every function rejects what is no key of its kind, with an error of any class. */
export interface Primitives {
  /** Return ML-KEM-768's public key, 1184 bytes, of a seed of 64. */
  kemPublic(seed: Bytes): Promise<Bytes>;

  /**
   * Return a secret and its ciphertext, 1088 bytes, for a public key of ML-KEM-768, made from
   * 32 random bytes; the browser's own leaves them and draws its own.
   */
  encapsulate(publicKey: Bytes, random: Bytes): Promise<Encapsulation>;

  /** Return the secret of a ciphertext; of one for another key, a secret that opens nothing. */
  decapsulate(seed: Bytes, ciphertext: Bytes): Promise<Bytes>;

  /** Return X25519 of a scalar and a point, 32 bytes each. A result of zeros is refused. */
  exchange(scalar: Bytes, point: Bytes): Promise<Bytes>;

  /** Return ChaCha20-Poly1305 under a key of 32 bytes. */
  cipher(key: Bytes): Promise<Cipher>;
}

/** Return the plaintext of what a `Cipher` sealed; rejects what is not authentic. */
export type Decipher = (nonce: Bytes, sealed: Bytes) => Promise<Bytes>;

/** What opening needs besides. */
export interface Opening {
  /** Return ChaCha20-Poly1305 under a key of 32 bytes, to open. */
  decipher(key: Bytes): Promise<Decipher>;
}
