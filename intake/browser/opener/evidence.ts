/**
 * Sealed evidence, opened as the report that names it tells; as `intake.crypto.opening`.
 *
 * Rules: a file counts as the one that is named once its last chunk, its length and its digest
 * agree, and every time it is read again; nothing of it is kept before a person asks for it.
 */
import { type Bytes, hex } from "../bytes.ts";
import type { Evidence } from "../core/evidence.ts";
import { padme } from "../core/padding.ts";
import { decode } from "../crypto/bech32.ts";
import { openChunks } from "../crypto/chunks.ts";
import { evidenceDigest } from "../crypto/digest.ts";
import { CHUNK_SIZE, NONCE_SIZE, TAG_SIZE } from "../crypto/stream.ts";
import { AsideError, KeyTextError } from "../errors.ts";
import { keyOf, type Parts, parts } from "./sealed.ts";

/** Takes the pieces of a file in order, before it is known whether the file is the one named. */
export type Take = (piece: Bytes) => void;

/** Return the file key that what is told of a file gives for a sealed one. Raises AsideError. */
export async function fileKey(told: Evidence, { header }: Parts): Promise<Bytes> {
  try {
    return await keyOf(header, [decode(told.key).data]);
  } catch (error) {
    if (error instanceof KeyTextError) {
      throw new AsideError("file_other");
    }
    const code = error instanceof AsideError ? error.code : "";
    throw code === "closed" || code === "altered"
      ? new AsideError(code === "closed" ? "file_other" : "file_altered")
      : error;
  }
}

/** Read a sealed file to its end, and raise AsideError unless it is the one that is told of. */
export async function openEvidence(told: Evidence, sealed: Blob, take: Take): Promise<void> {
  const found = await parts(sealed).catch((error: unknown) => {
    const code = error instanceof AsideError ? error.code : "";
    const isShort = code === "cut" || code === "empty";
    throw code && code !== "unreadable" ? new AsideError(isShort ? "file_cut" : "file_altered") : error;
  });
  const key = await fileKey(told, found);
  const expected = sealedSize(told.length);
  if (found.payload.size !== expected) {
    throw new AsideError(found.payload.size < expected ? "file_cut" : "file_long");
  }
  const digest = await evidenceDigest(own(told.length, openChunks(key, found.payload), take));
  if (hex(digest) !== told.digest) {
    throw new AsideError("file_digest");
  }
}

/** Yield the bytes of the file itself, and nothing but zeros after them. Raises AsideError. */
async function* own(
  length: number,
  chunks: AsyncIterable<Bytes>,
  take: Take,
): AsyncGenerator<Bytes, void, void> {
  let left = length;
  for await (const chunk of chunks) {
    const piece = chunk.subarray(0, left);
    if (chunk.subarray(piece.length).some((byte) => byte !== 0)) {
      throw new AsideError("file_long");
    }
    left -= piece.length;
    if (piece.length > 0) {
      take(piece);
      yield piece;
    }
  }
}

/** Return the size of the payload of a file of this length. */
function sealedSize(length: number): number {
  const padded = padme(length);
  return NONCE_SIZE + padded + Math.max(1, Math.ceil(padded / CHUNK_SIZE)) * TAG_SIZE;
}
