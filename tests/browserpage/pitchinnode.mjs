// Measures the change of pitch in Node. One JSON task in, one JSON account out.
import { text } from "node:stream/consumers";
import { otherVoice, randomRatio } from "../../intake/browser/page/pitch.ts";
import { loudest, pitches, resonance, voice } from "./voice.mjs";

const task = JSON.parse(await text(process.stdin));
const FULL = 32768;
const number = (samples) => Float32Array.from(samples, (one) => one / FULL);

const steps = await Promise.all(
  task.steps.map(async (semitones) => {
    const ratio = 2 ** (semitones / 12);
    return Promise.all(
      task.pitches.map(async (pitch) => {
        const before = voice(3, pitch, [1000]);
        const after = await otherVoice(before, () => ratio);
        return {
          pitch: pitches(number(after)).map((one) => one / pitch / ratio),
          resonance: resonance(number(after)) / resonance(before) / ratio,
          length: after.length / before.length,
          loudest: loudest(after),
        };
      }),
    );
  }),
);

const ratios = task.randoms.map((bytes) => {
  const ratio = randomRatio(Uint8Array.from(bytes));
  return Array.from({ length: 4000 }, (_, at) => 12 * Math.log2(ratio(at / 100)));
});

const odd = await Promise.all(
  task.odd.map(async ({ length, value }) => {
    const samples = new Float32Array(length).fill(value ?? NaN);
    const after = await otherVoice(samples, () => 1.3);
    return [after.length, loudest(after)];
  }),
);
process.stdout.write(JSON.stringify({ steps, ratios, odd }));
