// A voice as a machine makes it, and what can be measured of one.
export const RATE = 24000;

// Pulses at `pitch` Hz through two resonances, as of throat and mouth; 1 at the loudest.
export function voice(seconds, pitch, resonances = [700, 1800]) {
  let samples = new Float32Array(seconds * RATE);
  for (let at = 0; at < samples.length; at += 1) {
    samples[at] = Math.floor(((at + 1) * pitch) / RATE) - Math.floor((at * pitch) / RATE);
  }
  for (const resonance of resonances) {
    const radius = Math.exp((-Math.PI * 100) / RATE);
    const [one, two] = [2 * radius * Math.cos((2 * Math.PI * resonance) / RATE), -(radius ** 2)];
    let [last, before] = [0, 0];
    samples = samples.map((value) => {
      [before, last] = [last, value + one * last + two * before];
      return last;
    });
  }
  const highest = loudest(samples);
  return samples.map((value) => value / highest);
}

export const loudest = (samples) => samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);

// The pitch in the middle of half seconds, in Hz, by autocorrelation.
export function pitches(samples) {
  const found = [];
  for (let start = RATE / 2; start + RATE / 4 < samples.length; start += RATE / 2) {
    found.push(RATE / period(samples.subarray(start, start + RATE / 4)));
  }
  return found;
}

function period(samples) {
  const size = samples.length / 2;
  const likeness = Array.from({ length: size / 4 }, (_, lag) => {
    if (lag < RATE / 500) return 0;
    let [sum, here, there] = [0, 0, 0];
    for (let at = 0; at < size; at += 1) {
      sum += samples[at] * samples[at + lag];
      here += samples[at] ** 2;
      there += samples[at + lag] ** 2;
    }
    return sum / Math.sqrt(here * there || 1);
  });
  const best = Math.max(...likeness);
  // Twice the period is as alike: the first peak as high counts.
  let lag = likeness.findIndex((value) => value > 0.95 * best);
  while (likeness[lag + 1] > likeness[lag]) lag += 1;
  return lag;
}

// How strong one frequency is, averaged over a second in windows of 5 ms: the resonance and
// not the pitch decides.
export function strength(samples, frequency) {
  const size = RATE / 200;
  let sum = 0;
  for (let start = RATE; start < 2 * RATE; start += size / 2) {
    let [real, imaginary] = [0, 0];
    for (let at = 0; at < size; at += 1) {
      const value = samples[start + at] * Math.sin((Math.PI * at) / size) ** 2;
      real += value * Math.cos((2 * Math.PI * frequency * at) / RATE);
      imaginary += value * Math.sin((2 * Math.PI * frequency * at) / RATE);
    }
    sum += real ** 2 + imaginary ** 2;
  }
  return sum;
}

// Where the strongest resonance lies, in steps of 20 Hz.
export function resonance(samples, lowest = 300, highest = 3000) {
  let [best, most] = [0, 0];
  for (let frequency = lowest; frequency < highest; frequency += 20) {
    const here = strength(samples, frequency);
    if (here > most) [best, most] = [frequency, here];
  }
  return best;
}
