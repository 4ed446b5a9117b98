// Changes voices in Chromium as the page does: whole files in, whole files out, and the clock.
import { open } from "./look.mjs";
import { loudest, pitches, RATE, voice } from "./voice.mjs";

function wav(samples, channels) {
  const data = Buffer.alloc(44 + 2 * channels * samples.length);
  data.write("RIFF", 0);
  data.writeUInt32LE(data.length - 8, 4);
  data.write("WAVEfmt ", 8);
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20);
  data.writeUInt16LE(channels, 22);
  data.writeUInt32LE(RATE, 24);
  data.writeUInt32LE(2 * channels * RATE, 28);
  data.writeUInt16LE(2 * channels, 32);
  data.writeUInt16LE(16, 34);
  data.write("data", 36);
  data.writeUInt32LE(data.length - 44, 40);
  samples.forEach((value, at) => {
    for (let channel = 0; channel < channels; channel += 1) {
      data.writeInt16LE(Math.round(32767 * value), 44 + 2 * (at * channels + channel));
    }
  });
  return data;
}

const { task, browser, page } = await open();
const PITCH = 120;

// Base64 in, base64 out, or the error's message.
const change = (data) =>
  page.evaluate(async (text) => {
    const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    const start = performance.now();
    try {
      const made = await globalThis.changePitch(new Blob([bytes], { type: "audio/webm" }));
      const ms = performance.now() - start;
      const address = await new Promise((resolve) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.readAsDataURL(made);
      });
      return { ms, type: made.type, data: address.split(",")[1] };
    } catch (error) {
      return { error: error.message };
    }
  }, data.toString("base64"));

function measure(made) {
  const data = Buffer.from(made.data, "base64");
  const samples = Float32Array.from({ length: (data.length - 44) / 2 }, (_, at) =>
    data.readInt16LE(44 + 2 * at),
  );
  const found = pitches(samples).sort((one, other) => one - other);
  return {
    ms: made.ms,
    type: made.type,
    head: data.toString("base64", 0, 44),
    seconds: samples.length / RATE,
    loudest: loudest(samples),
    semitones: found.map((one) => 12 * Math.log2(one / PITCH)),
  };
}

const long = wav(voice(10, PITCH), 1);
const seen = { changed: [], refused: {} };
for (let time = 0; time < task.times; time += 1) seen.changed.push(measure(await change(long)));
seen.stereo = measure(await change(wav(voice(3, PITCH), 2)));
const hostile = {
  nothing: Buffer.alloc(0),
  zeros: Buffer.alloc(5000),
  text: Buffer.from("<script>alert(1)</script>".repeat(100)),
  "no samples": wav([], 1),
  "webm cut off": Buffer.from("1a45dfa39f4286810142f7810142f2810442f381084282847765626d", "hex"),
  "no rate": Buffer.concat([long.subarray(0, 24), Buffer.alloc(4), long.subarray(28, 5000)]),
};
for (const [name, data] of Object.entries(hostile)) seen.refused[name] = await change(data);
await browser.close();
process.stdout.write(JSON.stringify(seen));
