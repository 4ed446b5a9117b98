// Seals as many bytes as it is told: by the Worker's own module, and by bare WebCrypto.
import { FileSealer, sealedSize } from "../../intake/browser/upload/sealer.ts";

const MIB = 1024 * 1024;
const CHUNK = 64 * 1024;
const TAKEN = 4 * MIB;
const { subtle } = globalThis.crypto;
const random = (count) => crypto.getRandomValues(new Uint8Array(count));

// Read as the Worker reads what was chosen.
const fromFile = (file) => async (at, size) =>
  new Uint8Array(await file.slice(at, at + size).arrayBuffer());
const fromMemory = (data) => async (at, size) => data.slice(at, at + size);

async function ours(size, read) {
  const begun = performance.now();
  const sealer = await FileSealer.of(size, read, random);
  for (let left = sealedSize(size); left > 0; ) {
    const taken = await sealer.take(TAKEN);
    if (taken.length === 0) throw new Error("the sealer gave less than it announced");
    left -= taken.length;
  }
  await sealer.digest();
  return performance.now() - begun;
}

// The digests of pieces and their chunks sealed, one after the other or those of a piece side by
// side. Nothing is kept.
async function bare(size, read, isSideBySide) {
  const name = "ChaCha20-Poly1305";
  const begun = performance.now();
  const key = await subtle.importKey("raw-secret", random(32), name, false, ["encrypt"]);
  for (let at = 0; at < size; at += MIB) {
    const piece = await read(at, Math.min(MIB, size - at));
    await subtle.digest("SHA-256", piece);
    const sealing = [];
    for (let place = 0; place < piece.length; place += CHUNK) {
      const iv = new Uint8Array(12);
      new DataView(iv.buffer).setUint32(7, (at + place) / CHUNK);
      const sealed = subtle.encrypt({ name, iv }, key, piece.subarray(place, place + CHUNK));
      sealing.push(isSideBySide ? sealed : await sealed);
    }
    await Promise.all(sealing);
  }
  return performance.now() - begun;
}

// One after the other in each turn: with bytes in memory, then with those of a chosen file.
export async function measure(file, turns) {
  const data = new Uint8Array(await file.arrayBuffer());
  const inPlace = async (at, size) => data.subarray(at, at + size);
  const ways = {
    ours: () => ours(file.size, fromMemory(data)),
    bare: () => bare(file.size, inPlace, false),
    beside: () => bare(file.size, inPlace, true),
    oursOfFile: () => ours(file.size, fromFile(file)),
    bareOfFile: () => bare(file.size, fromFile(file), false),
  };
  const times = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [way, work] of Object.entries(ways)) times[way].push(await work());
  }
  return times;
}
