/** To which sizes things are padded, so that a size tells little. */
import { EntryError } from "../errors.ts";

// As in intake.core.limits: most short reports look alike; the longest account fits twice.
const BUCKET_FLOOR = 4 * 1024;
const BUCKET_CEILING = 1024 * 1024;

/** Return the padded size of an entry in bytes: 4, 8, 16, 32 … KiB. Raises EntryError. */
export function bucket(size: number): number {
  let padded = BUCKET_FLOOR;
  while (padded < size) {
    padded *= 2;
  }
  if (padded > BUCKET_CEILING) {
    throw new EntryError("the text is too long for one entry, send it in parts");
  }
  return padded;
}

/**
 * Return the padded size of an evidence file, at most 12 % more (Padmé, in "Reducing Metadata
 * Leakage from Encrypted Files and Communication with PURBs", 2019): rounded up so that only
 * as many leading bits vary as the length of the length has.
 */
export function padme(length: number): number {
  if (length < 2) {
    return length;
  }
  const exponent = bits(length) - 1;
  // No shifts, which wrap around beyond 4 GiB.
  const step = 2 ** (exponent - bits(exponent));
  return Math.ceil(length / step) * step;
}

/** How many bits a whole number from 0 to 2^53 has. */
function bits(value: number): number {
  return value === 0 ? 0 : value.toString(2).length;
}
