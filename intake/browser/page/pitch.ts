/**
 * Another voice for a recording: all of it higher or lower, as long as before.
 *
 * This hides a voice from people who know it by ear: pitch and the sound of throat and mouth
 * move together, by a random step that wavers. It does not hide it from an expert with tools:
 * the step can be guessed, and how somebody speaks (words, accent, pauses) stays as it is.
 *
 * Way: overlapping pieces of the recording are laid side by side at other distances, each
 * looked for near its place where it best goes on from the one before (WSOLA), and what comes
 * of it is read faster or slower, so that the length is the same and the pitch is not.
 */
import { IntakeError } from "../errors.ts";

/** Enough for a voice; a minute is 2.9 MB. */
const RATE = 24_000;
// 20 ms, and 10 ms to either side: together one period of the lowest voice, 50 Hz.
const HOP = 480;
const REACH = 240;
const PIECE = 2 * HOP;
// Looked at roughly first: one place and one sample of four.
const ROUGH = 4;

const LEAST_SEMITONES = 3;
const MOST_SEMITONES = 5;
const WAVER_SEMITONES = 0.4;
const WAVERS_PER_SECOND = 2;
const RANDOM_BYTES = 512;

// Between two samples the curve may pass above both.
const LOUDEST = 0.9;
const FULL = 32_767;
// After so many pieces the page gets a turn: about 5 s of voice, some 50 ms of work.
const PIECES_AT_ONCE = 256;
const HEADER_SIZE = 44;

/** By how much the pitch is multiplied at a second of the recording. */
export type Ratio = (second: number) => number;

/** Whether this browser can. In Tor Browser's safer levels it cannot. */
export function canChangePitch(): boolean {
  return typeof OfflineAudioContext !== "undefined";
}

/** Return a recording in another voice, as WAV, mono. Raises IntakeError if it cannot be read. */
export async function changePitch(recording: Blob): Promise<Blob> {
  const samples = await decode(await recording.arrayBuffer());
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  return wav(await otherVoice(samples, randomRatio(random)));
}

/**
 * Return a ratio 3 to 5 semitones up or down, which wavers by at most 0.4 around it.
 *
 * The first byte of `random` decides the direction, the second the step, the others how it
 * wavers, in turn.
 */
export function randomRatio(random: Uint8Array): Ratio {
  const [side = 0, part = 0, ...wavers] = random;
  const step = LEAST_SEMITONES + (part / 255) * (MOST_SEMITONES - LEAST_SEMITONES);
  const middle = side % 2 === 0 ? step : -step;
  const waver = (at: number): number =>
    (((wavers[at % wavers.length] ?? 0) / 255) * 2 - 1) * WAVER_SEMITONES;
  return (second) => {
    const place = second * WAVERS_PER_SECOND;
    const at = Math.floor(place);
    const weight = (1 - Math.cos((place - at) * Math.PI)) / 2;
    return 2 ** ((middle + waver(at) * (1 - weight) + waver(at + 1) * weight) / 12);
  };
}

/** Return the samples in another voice, as many as before, 16 bits each, none too loud. */
export async function otherVoice(
  samples: Float32Array,
  ratio: Ratio,
): Promise<Int16Array<ArrayBuffer>> {
  const voice = new Int16Array(samples.length);
  const source = samples.length < PIECE ? longer(samples) : samples;
  const gain = LOUDEST / Math.max(LOUDEST, peak(samples));
  const fade = Float32Array.from({ length: HOP }, (_, at) => fadeIn(at));
  // Three samples of the hop before, then the hop: a curve goes through four samples.
  const hop = new Float32Array(3 + HOP);
  const rest = new Float32Array(HOP);
  let place = 0;
  let start = -HOP;
  for (let done = 0, pieces = 0; done < voice.length; pieces += 1) {
    start = follow(source, start + HOP, done);
    hop.copyWithin(0, HOP);
    for (let at = 0; at < HOP; at += 1) {
      const weight = fade[at] as number;
      hop[3 + at] = (rest[at] as number) + weight * (source[start + at] as number);
      rest[at] = (1 - weight) * (source[start + HOP + at] as number);
    }
    const step = ratio(done / RATE);
    for (; place < HOP && done < voice.length; place += step, done += 1) {
      voice[done] = FULL * Math.max(-1, Math.min(1, curve(hop, place) * gain));
    }
    place -= HOP;
    if (pieces % PIECES_AT_ONCE === PIECES_AT_ONCE - 1) await turn();
  }
  return voice;
}

async function decode(data: ArrayBuffer): Promise<Float32Array> {
  let decoded: AudioBuffer;
  try {
    decoded = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(data);
  } catch {
    throw new IntakeError("the recording cannot be read, use it unchanged or record again");
  }
  if (decoded.length === 0) throw new IntakeError("the recording is empty, record again");
  const [samples, ...others] = Array.from({ length: decoded.numberOfChannels }, (_, channel) =>
    decoded.getChannelData(channel),
  ) as [Float32Array, ...Float32Array[]];
  for (const other of others) {
    for (let at = 0; at < samples.length; at += 1) {
      samples[at] = (samples[at] as number) + (other[at] as number);
    }
  }
  return samples;
}

function longer(samples: Float32Array): Float32Array {
  const padded = new Float32Array(PIECE);
  padded.set(samples);
  return padded;
}

function peak(samples: Float32Array): number {
  let highest = 0;
  for (let at = 0; at < samples.length; at += 1) {
    highest = Math.max(highest, Math.abs(samples[at] as number));
  }
  return highest;
}

/** Return a weight that together with the one of the piece before is 1. */
function fadeIn(at: number): number {
  return (1 - Math.cos(((at + 0.5) / HOP) * Math.PI)) / 2;
}

/**
 * Return where the next piece starts: near `middle`, and most like what follows at `next`.
 *
 * Both are cut to where a whole piece fits.
 */
function follow(source: Float32Array, next: number, middle: number): number {
  const last = source.length - PIECE;
  const goal = Math.min(next, last);
  const lowest = Math.max(0, Math.min(middle, last) - REACH);
  const highest = Math.min(last, middle + REACH);
  const rough = nearest(source, goal, lowest, highest, ROUGH);
  const least = Math.max(lowest, rough - ROUGH);
  return nearest(source, goal, least, Math.min(highest, rough + ROUGH), 1);
}

function nearest(
  source: Float32Array,
  goal: number,
  lowest: number,
  highest: number,
  step: number,
): number {
  let best = lowest;
  let least = Infinity;
  for (let start = lowest; start <= highest; start += step) {
    let sum = 0;
    for (let at = 0; at < HOP && sum < least; at += step) {
      const difference = (source[start + at] as number) - (source[goal + at] as number);
      sum += difference * difference;
    }
    if (sum < least) {
      least = sum;
      best = start;
    }
  }
  return best;
}

/** Return the value between the second and third of four samples (Catmull-Rom). */
function curve(samples: Float32Array, place: number): number {
  const at = Math.floor(place);
  const part = place - at;
  const a = samples[at] as number;
  const b = samples[at + 1] as number;
  const c = samples[at + 2] as number;
  const d = samples[at + 3] as number;
  const bend = 3 * (b - c) + d - a;
  return b + (part / 2) * (c - a + part * (2 * a - 5 * b + 4 * c - d + part * bend));
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Return a WAV file: a header of 44 bytes, then the samples, little-endian. */
function wav(samples: Int16Array<ArrayBuffer>): Blob {
  const header = new DataView(new ArrayBuffer(HEADER_SIZE));
  const size = samples.byteLength;
  const text = (at: number, word: string): void => {
    [...word].forEach((letter, offset) => header.setUint8(at + offset, letter.charCodeAt(0)));
  };
  text(0, "RIFF");
  header.setUint32(4, HEADER_SIZE - 8 + size, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true); // what follows up to "data"
  header.setUint16(20, 1, true); // plain samples
  header.setUint16(22, 1, true); // one channel
  header.setUint32(24, RATE, true);
  header.setUint32(28, 2 * RATE, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  text(36, "data");
  header.setUint32(40, size, true);
  // Every machine these browsers run on is little-endian.
  return new Blob([header, samples], { type: "audio/wav" });
}
