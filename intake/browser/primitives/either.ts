/**
 * Whichever make of the ciphers works here: for a page that is one file, which can fetch no other.
 *
 * Rule: the browser's own are taken once their answers are those that are known, for what is
 * sealed and for what is opened; before, and else, the library's.
 */
import { opens, works } from "./check.ts";
import { opening as libraryOpening } from "./opening-fallback.ts";
import { primitives as library } from "./fallback.ts";
import type { Opening, Primitives } from "./kinds.ts";
import { primitives as native } from "./native.ts";
import { opening as nativeOpening } from "./opening.ts";

let make = { primitives: library, opening: libraryOpening };

/** Take the browser's own ciphers where they work; return whether any do. */
export async function choose(): Promise<boolean> {
  const own = { primitives: native, opening: nativeOpening };
  if ((await works(own.primitives)) && (await opens(own.primitives, own.opening))) {
    make = own;
    return true;
  }
  return (await works(library)) && (await opens(library, libraryOpening));
}

export const primitives: Primitives = {
  kemPublic: (seed) => make.primitives.kemPublic(seed),
  encapsulate: (publicKey, random) => make.primitives.encapsulate(publicKey, random),
  decapsulate: (seed, ciphertext) => make.primitives.decapsulate(seed, ciphertext),
  exchange: (scalar, point) => make.primitives.exchange(scalar, point),
  cipher: (key) => make.primitives.cipher(key),
};

export const opening: Opening = {
  decipher: (key) => make.opening.decipher(key),
};
