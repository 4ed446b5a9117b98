/**
 * The digest of an evidence file: SHA-256 over the SHA-256s of its pieces of 1 MiB, so that a
 * phone computes it natively and no file is ever held whole. An empty file has no piece.
 */
import { type Bytes, concat } from "../bytes.ts";
import { sha256 } from "../primitives/hashing.ts";
import { regroup } from "./stream.ts";

export const PIECE_SIZE = 1024 * 1024;

/** Takes a file piece by piece: 1 MiB each, only the last one shorter. */
export class Digest {
  readonly #digests: Bytes[] = [];

  /** Take the next piece; one after the other. */
  async add(piece: Bytes): Promise<void> {
    this.#digests.push(await sha256(piece));
  }

  /** Return the 32 bytes of the digest of what was taken. */
  value(): Promise<Bytes> {
    return sha256(concat(...this.#digests));
  }
}

/** Return the 32 bytes of the digest of what `pieces`, of any sizes, hold. */
export async function evidenceDigest(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Bytes> {
  const digest = new Digest();
  for await (const piece of regroup(pieces, PIECE_SIZE)) {
    await digest.add(piece);
  }
  return digest.value();
}
