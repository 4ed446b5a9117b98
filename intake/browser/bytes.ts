/** Bytes and their spellings. Every byte string is a `Uint8Array` over a buffer of its own. */
import { KeyTextError } from "./errors.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** `count` random bytes; passed in, so that vectors are exact. */
export type Random = (count: number) => Bytes;

const encoder = new TextEncoder();

/** Return the UTF-8 of a text. */
export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** Return the parts one after the other. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Return two small hex digits a byte. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return a number below 2^53 as 8 bytes, big-endian. */
export function uint64(value: number): Bytes {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value % 2 ** 32);
  return bytes;
}

/** Return standard base64 with its padding, as msgspec writes bytes into JSON. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  // In pieces, since a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return btoa(text);
}

/** Return the bytes of base64 in its one spelling. Raises KeyTextError: only keys come so. */
export function unbase64(text: string): Bytes {
  let bytes: Bytes;
  try {
    bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    throw new KeyTextError("the key is not base64, get the page again");
  }
  if (base64(bytes) !== text) {
    throw new KeyTextError("the key is not written in its one way, get the page again");
  }
  return bytes;
}
