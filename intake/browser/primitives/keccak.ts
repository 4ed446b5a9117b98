/**
 * SHA3-256 and SHAKE256 (FIPS 202), which no browser has; for a few hundred bytes at a time.
 *
 * Lanes of 64 bits are kept as two halves of 32, the low one first.
 */
import type { Bytes } from "../bytes.ts";

// Both have a capacity of 512 bits.
const RATE = 136;
const ROUNDS = 24;

/** Return the 32 bytes of SHA3-256. */
export function sha3(data: Uint8Array): Bytes {
  return sponge(data, 0x06, 32);
}

/** Return `size` bytes of SHAKE256, at most 136. */
export function shake256(data: Uint8Array, size: number): Bytes {
  return sponge(data, 0x1f, size);
}

function sponge(data: Uint8Array, suffix: number, size: number): Bytes {
  const padded = new Uint8Array((Math.floor(data.length / RATE) + 1) * RATE);
  padded.set(data);
  padded[data.length] = suffix;
  padded[padded.length - 1] = (padded[padded.length - 1] as number) | 0x80;
  const state = new Int32Array(50);
  for (let at = 0; at < padded.length; at += RATE) {
    const block = new DataView(padded.buffer, at, RATE);
    for (let half = 0; half < RATE / 4; half += 1) {
      state[half] = (state[half] as number) ^ block.getInt32(4 * half, true);
    }
    permute(state);
  }
  return Uint8Array.from({ length: size }, (_, at) => (state[at >> 2] as number) >> (8 * (at & 3)));
}

function permute(state: Int32Array): void {
  const get = (half: number): number => state[half] as number;
  const parity = new Int32Array(10);
  let register = 1;
  for (let round = 0; round < ROUNDS; round += 1) {
    // Theta: each lane takes up the parity of two columns beside its own.
    for (let half = 0; half < 10; half += 1) {
      parity[half] =
        get(half) ^ get(half + 10) ^ get(half + 20) ^ get(half + 30) ^ get(half + 40);
    }
    for (let half = 0; half < 50; half += 1) {
      const before = parity[(half + 8) % 10] as number;
      const [low, high] = [parity[(half + 2) % 10], parity[((half + 2) % 10) ^ 1]] as [number, number];
      state[half] = get(half) ^ before ^ ((low << 1) | (high >>> 31));
    }
    rotateAndMove(state);
    // Chi: the only step that is not linear, along each row.
    for (let row = 0; row < 50; row += 10) {
      const old = state.slice(row, row + 10);
      for (let half = 0; half < 10; half += 1) {
        state[row + half] =
          get(row + half) ^ (~(old[(half + 2) % 10] as number) & (old[(half + 4) % 10] as number));
      }
    }
    // Iota: bits of a shift register (x^8 + x^6 + x^5 + x^4 + 1) at the places 2^j - 1.
    for (let bit = 1; bit <= 64; bit *= 2) {
      if (register & 1) {
        const half = bit > 32 ? 1 : 0;
        state[half] = get(half) ^ (1 << ((bit - 1) % 32));
      }
      register = register & 128 ? (register << 1) ^ 0x171 : register << 1;
    }
  }
}

/** Rho and pi: each lane is turned by a triangular number and takes the next one's place. */
function rotateAndMove(state: Int32Array): void {
  let x = 1;
  let y = 0;
  let low = state[2] as number;
  let high = state[3] as number;
  for (let step = 1; step <= ROUNDS; step += 1) {
    [x, y] = [y, (2 * x + 3 * y) % 5];
    const at = 2 * (x + 5 * y);
    const turn = ((step * (step + 1)) / 2) % 64;
    if (turn >= 32) {
      [low, high] = [high, low];
    }
    const by = turn % 32;
    const next = [state[at], state[at + 1]] as [number, number];
    // A shift by 32 would be none at all, so nothing is turned by nought.
    state[at] = by ? (low << by) | (high >>> (32 - by)) : low;
    state[at + 1] = by ? (high << by) | (low >>> (32 - by)) : high;
    [low, high] = next;
  }
}
