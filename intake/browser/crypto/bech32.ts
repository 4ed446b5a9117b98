/**
 * Bech32, the text form of age's identities.
 *
 * Source: BIP 173, without its limit of 90 characters, as the age specification asks.
 */

import type { Bytes } from "../bytes.ts";
import { KeyTextError } from "../errors.ts";

// BIP 173: the characters of the data part in order of their value, and the checksum's code.
const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECK_SIZE = 6;

/** Return `data` as Bech32 text under the lower-case human-readable part `hrp`. */
export function encode(hrp: string, data: Uint8Array): string {
  const letters = Array.from(hrp, (letter) => letter.charCodeAt(0));
  const groups = fives(data);
  const expanded = [...letters.map((code) => code >> 5), 0, ...letters.map((code) => code & 31)];
  const tail = checksum([...expanded, ...groups, 0, 0, 0, 0, 0, 0]) ^ 1;
  const check = [25, 20, 15, 10, 5, 0].map((shift) => (tail >> shift) & 31);
  return `${hrp}1${[...groups, ...check].map((value) => ALPHABET[value]).join("")}`;
}

/** Return the bits in groups of five, the last filled up with zeros. */
function fives(data: Uint8Array): number[] {
  const groups: number[] = [];
  let held = 0;
  let bits = 0;
  for (const byte of data) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) {
      groups.push((held >> (bits - 5)) & 31);
    }
  }
  return bits > 0 ? [...groups, (held << (5 - bits)) & 31] : groups;
}

function checksum(values: readonly number[]): number {
  let check = 1;
  for (const value of values) {
    const top = check >> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((generator, bit) => {
      check ^= (top >> bit) & 1 ? generator : 0;
    });
  }
  return check;
}

/**
 * Return the human-readable part, in the case it was written in, and the bytes. Raises
 * KeyTextError: mixed case, a wrong checksum or letter, bits left over; one value has one text.
 */
export function decode(text: string): { hrp: string; data: Bytes } {
  const at = text.lastIndexOf("1");
  const hrp = text.slice(0, Math.max(at, 0));
  const isOneCase = text === text.toLowerCase() || text === text.toUpperCase();
  if (!/^[\x21-\x7e]+$/.test(text) || !isOneCase || hrp === "" || text.length - at <= CHECK_SIZE) {
    throw new KeyTextError("the key is incomplete, copy it again");
  }
  const values = Array.from(text.slice(at + 1).toLowerCase(), (one) => ALPHABET.indexOf(one));
  const letters = Array.from(hrp.toLowerCase(), (letter) => letter.charCodeAt(0));
  const expanded = [...letters.map((code) => code >> 5), 0, ...letters.map((code) => code & 31)];
  if (values.includes(-1) || checksum([...expanded, ...values]) !== 1) {
    throw new KeyTextError("the key has a typing error, copy it again");
  }
  const data = eights(values.slice(0, -CHECK_SIZE));
  if (encode(hrp.toLowerCase(), data) !== text.toLowerCase()) {
    throw new KeyTextError("the key ends in bits that must be zero, make it again");
  }
  return { hrp, data };
}

/** Return the whole bytes in groups of five bits. */
function eights(groups: readonly number[]): Bytes {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const group of groups) {
    held = ((held << 5) | group) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
    }
  }
  return Uint8Array.from(bytes);
}
