/**
 * Canonical JSON: one value has one encoding; the same bytes as `intake.core.canonical`.
 *
 * Rules: UTF-8, keys sorted and ASCII, no space, whole numbers only, nothing after the value.
 */
import { type Bytes, utf8 } from "../bytes.ts";
import { ReportError } from "../errors.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const ASCII = /^[\0-\x7f]*$/;
// With the flag u, a pair is one character, and only a half without its other is found.
const HALF = /[\ud800-\udfff]/u;

/** Return the one encoding of a value. Raises ReportError where it has none. */
export function encode(value: Json): Bytes {
  return utf8(text(value));
}

/** Return the value in `data`, or raise ReportError unless it is written canonically. */
export function decode(data: Uint8Array): Json {
  let value: Json;
  let written: string;
  try {
    written = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    value = JSON.parse(written) as Json;
  } catch {
    // The parser's own text quotes what was parsed.
    throw new ReportError("the data is not in the expected form");
  }
  if (text(value) !== written) {
    throw new ReportError("the data is not written canonically");
  }
  return value;
}

// Far more than any form of ours nests; a hostile text must not overflow the stack.
const DEPTH = 32;

function text(value: Json, depth = 0): string {
  if (depth > DEPTH) {
    throw new ReportError("the value is nested too deeply");
  }
  if (value === null || typeof value === "boolean") {
    return String(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) {
      throw new ReportError("a number is not whole, or too large");
    }
    return String(value);
  }
  if (typeof value === "string") {
    if (HALF.test(value)) {
      throw new ReportError("the text holds half a letter, type it again");
    }
    return JSON.stringify(value);
  }
  if (isList(value)) {
    return `[${value.map((item) => text(item, depth + 1)).join()}]`;
  }
  if (typeof value !== "object") {
    throw new ReportError("a value is of a kind that is never written");
  }
  const members = Object.keys(value)
    .sort()
    .map((key) => {
      if (!ASCII.test(key)) {
        throw new ReportError("a name is not ASCII");
      }
      return `${JSON.stringify(key)}:${text(value[key] as Json, depth + 1)}`;
    });
  return `{${members.join()}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
