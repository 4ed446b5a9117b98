// Seals as many bytes as it is told: by the Worker's own module, and by bare WebCrypto.
import { FileSealer, sealedSize } from "../../intake/browser/upload/sealer.ts";

const MIB = 1024 * 1024;
const CHUNK = 64 * 1024;
const TAKEN = 4 * MIB;
const { subtle } = globalThis.crypto;
const random = (count) => crypto.getRandomValues(new Uint8Array(count));

// As a page has a file: somewhere, to be read piece by piece.
export function make(size) {
  const parts = [];
  for (let at = 0; at < size; at += CHUNK) parts.push(random(Math.min(CHUNK, size - at)));
  return new Blob(parts);
}

export async function ours(file) {
  const read = async (at, size) => new Uint8Array(await file.slice(at, at + size).arrayBuffer());
  const begun = performance.now();
  const sealer = await FileSealer.of(file.size, read, random);
  for (let left = sealedSize(file.size); left > 0; ) {
    const taken = await sealer.take(TAKEN);
    if (taken.length === 0) throw new Error("the sealer gave less than it announced");
    left -= taken.length;
  }
  await sealer.digest();
  return performance.now() - begun;
}

// The same bytes, in memory already: the digests of their pieces and their chunks sealed, one
// after the other or those of a piece side by side. Nothing is kept.
export async function bare(file, isSideBySide) {
  const data = new Uint8Array(await file.arrayBuffer());
  const name = "ChaCha20-Poly1305";
  const begun = performance.now();
  const key = await subtle.importKey("raw-secret", random(32), name, false, ["encrypt"]);
  for (let at = 0; at < data.length; at += MIB) {
    const piece = data.subarray(at, at + MIB);
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

export async function measure(size, turns) {
  const file = make(size);
  const times = { ours: [], bare: [], sideBySide: [] };
  for (let turn = 0; turn < turns; turn += 1) {
    times.ours.push(await ours(file));
    times.bare.push(await bare(file, false));
    times.sideBySide.push(await bare(file, true));
  }
  return times;
}
