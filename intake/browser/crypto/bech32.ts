/**
 * Bech32, the text form of age's identities; written only, never read.
 *
 * Source: BIP 173, without its limit of 90 characters, as the age specification asks.
 */

// BIP 173: the characters of the data part in order of their value, and the checksum's code.
const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

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
