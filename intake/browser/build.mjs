// Bundles the scripts into intake/static, where the server finds them, or into the folder named:
// `node build.mjs [FOLDER]`.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "..", "static");

// The same Workers twice: a browser that has all the ciphers never loads the others.
const scripts = [
  { from: "page/loader.ts", to: "loader.js", conditions: [] },
  { from: "page/app.ts", to: "app.js", conditions: [] },
  { from: "page/later.ts", to: "later.js", conditions: [] },
  { from: "page/back.ts", to: "back.js", conditions: [] },
  { from: "page/leaving.ts", to: "leave.js", conditions: [] },
  { from: "desk/desk.ts", to: "desk.js", conditions: [] },
  { from: "seal.ts", to: "seal.js", conditions: [] },
  { from: "seal.ts", to: "seal-full.js", conditions: ["fallback"] },
  { from: "open.ts", to: "open.js", conditions: [] },
  { from: "open.ts", to: "open-full.js", conditions: ["fallback"] },
  { from: "files.ts", to: "files.js", conditions: [] },
  { from: "files.ts", to: "files-full.js", conditions: ["fallback"] },
  // What the form that is one file carries, whatever browser opens it.
  { from: "offline/app.ts", to: "offline.js", conditions: ["offline"] },
  { from: "seal.ts", to: "offline-seal.js", conditions: ["offline"] },
  { from: "seal.ts", to: "offline-seal-full.js", conditions: ["offline", "fallback"] },
  { from: "offline/files.ts", to: "offline-files.js", conditions: ["offline"] },
  { from: "offline/files.ts", to: "offline-files-full.js", conditions: ["offline", "fallback"] },
  // What the page that opens sealed files carries: both makes of the ciphers at once.
  { from: "opener/app.ts", to: "opener.js", conditions: ["either"] },
];

await mkdir(target, { recursive: true });
for (const { from, to, conditions } of scripts) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [from],
    outfile: join(target, to),
    bundle: true,
    minify: true,
    charset: "utf8",
    conditions,
    format: "iife",
    // Not Safari 14.0: its engine takes some assignments of lists apart wrongly, and a cipher
    // that is wrong in silence is worse than a page without script.
    target: ["chrome80", "firefox78", "safari14.1"],
    write: false,
    logLevel: "warning",
  });
  await replace(join(target, to), outputFiles[0].contents);
}

// A server may be reading: what is already there stays as it is.
async function replace(path, contents) {
  const held = await readFile(path).catch(() => null);
  if (!held?.equals(contents)) {
    await writeFile(path, contents);
  }
}
