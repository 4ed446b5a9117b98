// Bundles the script of these pages as the build does: `node bundle.mjs FILE`.
import { fileURLToPath } from "node:url";
import { build } from "../../intake/browser/node_modules/esbuild/lib/main.js";

await build({
  entryPoints: [fileURLToPath(new URL("page.mjs", import.meta.url))],
  outfile: process.argv[2],
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "iife",
  target: ["chrome80", "firefox78", "safari14.1"],
  logLevel: "warning",
});
