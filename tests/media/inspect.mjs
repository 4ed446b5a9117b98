// Inspects every file of a folder with the browser's code, and prints what it said as JSON.

import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { apply, inspect } from "../../intake/browser/media/inspect.ts";

// No divisor of anything, so that patches are cut anywhere.
const PIECE = 997;

function reader(file) {
  return async (offset, size) => {
    const data = new Uint8Array(size);
    return data.subarray(0, readSync(file, data, 0, size, offset));
  };
}

async function told(path) {
  const file = openSync(path);
  const { size } = statSync(path);
  const read = reader(file);
  const { type, findings, patches, warning } = await inspect(read, size);
  const hash = createHash("sha256");
  for (let at = 0; at < size; at += PIECE) {
    hash.update(apply(patches, at, await read(at, Math.min(PIECE, size - at))));
  }
  closeSync(file);
  const pairs = findings.map(({ code, value }) => [code, value]);
  return { type, findings: pairs, warning, cleaned: hash.digest("hex") };
}

const folder = process.argv[2];
const all = {};
for (const name of readdirSync(folder)) all[name] = await told(join(folder, name));
console.log(JSON.stringify(all));
