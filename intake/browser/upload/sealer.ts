/**
 * Seals one file as it is sent: to an identity of its own, as `intake.crypto.evidence` does.
 *
 * Rules: seed and file key are fresh for each reading, so that a file which changes meanwhile
 * never meets them twice; a file is read once; besides what is asked for, at most two pieces
 * of 4 MiB are held, the second being read while the first is sealed.
 */
import { type Bytes, concat, hex, type Random } from "../bytes.ts";
import { padme } from "../core/padding.ts";
import { identityText, makeHeader, recipientOf } from "../crypto/age.ts";
import { Digest, PIECE_SIZE } from "../crypto/digest.ts";
import { SEED_SIZE } from "../crypto/hpke.ts";
import {
  CHUNK_SIZE,
  ChunkSealer,
  FILE_KEY_SIZE,
  NONCE_SIZE,
  payloadKey,
  TAG_SIZE,
} from "../crypto/stream.ts";
import { letGo } from "./letgo.ts";

/** Return exactly so many bytes from an offset, for the caller to keep. */
export type ReadBytes = (offset: number, size: number) => Promise<Bytes>;

// Read at once: whole pieces of the digest, few enough calls, which cost as much as sealing.
const READ_SIZE = 4 * PIECE_SIZE;

// Of one recipient: every part of it has a fixed length.
const HEADER_SIZE = 1627;

/** Return the size of a file of `length` bytes once it is sealed. */
export function sealedSize(length: number): number {
  const padded = padme(length);
  const chunks = Math.max(1, Math.ceil(padded / CHUNK_SIZE));
  return HEADER_SIZE + NONCE_SIZE + padded + chunks * TAG_SIZE;
}

/** Seals a file of `length` bytes; `key` is the text of the identity that opens it. */
export class FileSealer {
  readonly key: string;
  readonly #length: number;
  readonly #read: ReadBytes;
  readonly #chunks: ChunkSealer;
  readonly #digest = new Digest();
  #ready: Bytes[];
  #next: Promise<Bytes>;
  // Used again and again: new memory costs more than what is copied into it.
  #taken: Bytes = new Uint8Array(0);
  #at = 0;
  #left: number;

  private constructor(
    key: string,
    start: Bytes,
    chunks: ChunkSealer,
    length: number,
    read: ReadBytes,
  ) {
    this.key = key;
    this.#ready = [start];
    this.#left = sealedSize(length);
    this.#chunks = chunks;
    this.#length = length;
    this.#read = read;
    this.#next = this.#readAt(0);
  }

  /** Begin a file under fresh keys. */
  static async of(length: number, read: ReadBytes, random: Random): Promise<FileSealer> {
    const [seed, fileKey, nonce] = [random(SEED_SIZE), random(FILE_KEY_SIZE), random(NONCE_SIZE)];
    const header = await makeHeader(fileKey, [await recipientOf(seed)], random);
    const chunks = await ChunkSealer.of(await payloadKey(fileKey, nonce));
    return new FileSealer(identityText(seed), concat(header, nonce), chunks, length, read);
  }

  /**
   * Return the next `size` sealed bytes, fewer only at the end; they last until the next are
   * taken. Raises what reading raises.
   */
  async take(size: number): Promise<Bytes> {
    const length = Math.min(size, this.#left);
    if (this.#taken.length < length) {
      letGo(this.#taken);
      this.#taken = new Uint8Array(length);
    }
    const taken = this.#taken.subarray(0, length);
    this.#left -= length;
    for (let at = 0; at < taken.length; ) {
      const [next] = this.#ready;
      if (next === undefined) {
        await this.#seal();
        continue;
      }
      const part = next.subarray(0, taken.length - at);
      taken.set(part, at);
      at += part.length;
      if (part.length < next.length) {
        this.#ready[0] = next.subarray(part.length);
      } else {
        this.#ready.shift();
        letGo(next);
      }
    }
    return taken;
  }

  /** Return the digest, in hex, of what was read: of the file, once all of it was taken. */
  async digest(): Promise<string> {
    return hex(await this.#digest.value());
  }

  /** Seal the next piece: of the file, of the zeros behind it, or of both. */
  async #seal(): Promise<void> {
    const padded = padme(this.#length);
    const size = Math.min(READ_SIZE, padded - this.#at);
    const own = await this.#next;
    this.#at += size;
    this.#next = this.#readAt(this.#at);
    const piece = own.length === size ? own : concat(own, new Uint8Array(size - own.length));
    const [chunks] = await Promise.all([
      this.#chunks.seal(piece, this.#at === padded),
      this.#addToDigest(own),
    ]);
    this.#ready = chunks;
    letGo(piece);
  }

  async #addToDigest(own: Bytes): Promise<void> {
    for (let at = 0; at < own.length; at += PIECE_SIZE) {
      await this.#digest.add(own.subarray(at, at + PIECE_SIZE));
    }
  }

  /** Return the bytes of the file in the piece at an offset, none behind its end. */
  #readAt(at: number): Promise<Bytes> {
    const size = Math.max(0, Math.min(READ_SIZE, this.#length - at));
    const own = size > 0 ? this.#read(at, size) : Promise.resolve(new Uint8Array(0));
    // Who takes no more never hears of it.
    own.catch(() => undefined);
    return own;
  }
}
