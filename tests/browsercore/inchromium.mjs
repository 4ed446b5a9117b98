// Runs `sealing.mjs` in a page of a real Chromium, bundled as the build bundles, from loopback.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "../../intake/browser/node_modules/esbuild/lib/main.js";
import { chromium } from "../browser/chromium.mjs";

const { conditions, ...task } = JSON.parse(await text(process.stdin));
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("sealing.mjs", import.meta.url))],
  bundle: true,
  minify: true,
  conditions,
  format: "iife",
  globalName: "sealing",
  target: ["chrome80", "firefox78", "safari14.1"],
  write: false,
});

const server = createServer((request, response) => {
  const isScript = request.url === "/sealing.js";
  response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
  response.end(isScript ? outputFiles[0].contents : "<!doctype html><script src=/sealing.js></script>");
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const profile = mkdtempSync(join(tmpdir(), "sealing-"));
const browser = await chromium(profile);
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const found = await page.evaluate((given) => window.sealing.perform(given), task);
  console.log(JSON.stringify(found));
} finally {
  await browser.close();
  server.close();
  rmSync(profile, { recursive: true, force: true });
}
