// Codes and answers in Node. One JSON task in, one JSON account out.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { modules } from "../../intake/browser/page/qr.ts";
import { matches } from "../../intake/browser/page/receipt.ts";

const jsQR = createRequire(import.meta.url)("jsqr");
const SCALE = 4;
const MARGIN = 4;

// Reads a code as a phone would: from pixels.
function read(rows) {
  const side = (rows.length + 2 * MARGIN) * SCALE;
  const pixels = new Uint8ClampedArray(4 * side * side).fill(255);
  for (let at = 0; at < side * side; at += 1) {
    const row = rows[Math.floor(Math.floor(at / side) / SCALE) - MARGIN];
    if (row?.[Math.floor((at % side) / SCALE) - MARGIN] === "1") pixels.fill(0, 4 * at, 4 * at + 3);
  }
  return jsQR(pixels, side, side)?.data ?? null;
}

// As if ink had run over a corner of the data, where no pattern stands.
const spoil = (rows, size) =>
  rows.map((row, at) => (at >= 9 && at < 9 + size ? "1".repeat(size) + row.slice(size) : row));

function refused(one) {
  try {
    modules(one);
    return "";
  } catch (error) {
    return `${error.constructor.name}: ${error.message}`;
  }
}

const task = JSON.parse(await text(process.stdin));
process.stdout.write(
  JSON.stringify({
    read: task.texts.map((one) => read(modules(one))),
    spoilt: task.texts.map((one) => read(spoil(modules(one), 5))),
    ruined: read(spoil(modules(task.texts[0]), 12)),
    shapes: task.texts.map((one) => [...new Set(modules(one).map((row) => row.length))]),
    refused: task.hostile.map(refused),
    matches: task.answers.map(([typed, word, number]) => matches(typed, [word, number])),
  }),
);
