/** Evidence: a sealed file, as the reports that name it tell of it; as in `intake.core.evidence`. */

// As in intake.core.limits: a set of photographs.
export const FILES = 20;

/** One file; `length` in bytes, `digest` in hex, `key` the text of the identity that opens it. */
export interface Evidence {
  readonly digest: string;
  readonly id: string;
  readonly key: string;
  readonly length: number;
  readonly name: string;
  /** The id of the file of which this is a copy that tells less; empty for an original. */
  readonly of: string;
  readonly type: string;
}

/** Return the files that one office is told of: the copy where there is one; or both. */
export function visible(files: readonly Evidence[], originals: boolean): Evidence[] {
  const copied = new Set(files.map((file) => file.of));
  return files.filter((file) => originals || file.of !== "" || !copied.has(file.id));
}

/** Which of the two shall be sent: the file as it was made, the copy that tells less. */
export interface Wish {
  readonly original: boolean;
  readonly copy: boolean;
}

/**
 * Whether what arrived of one file is what is wanted of it now. News of what was wanted before may
 * still be on its way: without the copy, offices that shall get it would get the original.
 */
export function isWanted(files: readonly Evidence[], wanted: Wish, isCopied: boolean): boolean {
  const original = files.some((file) => file.of === "");
  const copy = files.some((file) => file.of !== "");
  return isCopied ? original === wanted.original && copy === wanted.copy : original && !copy;
}
