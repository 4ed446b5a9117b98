// Bytes as a string of the characters U+0000 to U+00FF, which can be searched, compared and
// matched; Python's `bytes` can do that by itself.

export type Bytes = string;

// As many arguments as every engine takes in one call.
const CALL = 8192;

export function toBytes(data: Uint8Array): Bytes {
  let result = "";
  for (let i = 0; i < data.length; i += CALL) {
    result += String.fromCharCode(...data.subarray(i, i + CALL));
  }
  return result;
}

export function fromBytes(data: Bytes): Uint8Array {
  return Uint8Array.from(data, (character) => character.charCodeAt(0));
}

export function zeros(count: number): Bytes {
  return "\0".repeat(count);
}

export function filled(data: Bytes): boolean {
  return /[^\0]/.test(data);
}

/** Returns a whole number, the highest byte first; beyond 2^53 only nearly. */
export function big(data: Bytes): number {
  let result = 0;
  for (let i = 0; i < data.length; i++) result = result * 256 + data.charCodeAt(i);
  return result;
}

/** Returns a whole number, the lowest byte first. */
export function little(data: Bytes): number {
  let result = 0;
  for (let i = data.length - 1; i >= 0; i--) result = result * 256 + data.charCodeAt(i);
  return result;
}

export function four(value: number): Bytes {
  return String.fromCharCode(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

export function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}
