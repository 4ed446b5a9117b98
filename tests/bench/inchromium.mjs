// Runs `sealing.mjs` in a page of a real Chromium, bundled as the build bundles, from loopback.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "../../intake/browser/node_modules/esbuild/lib/main.js";
import { chromium } from "../browser/chromium.mjs";

const { profile, conditions, file, turns } = JSON.parse(readFileSync(0, "utf8"));
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
const PAGE = "<!doctype html><input type=file><script src=/sealing.js></script>";
const server = createServer((request, response) => {
  const isScript = request.url === "/sealing.js";
  response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
  response.end(isScript ? outputFiles[0].contents : PAGE);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const browser = await chromium(profile);
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await (await page.$("input")).uploadFile(file);
  const measure = (input, count) => window.sealing.measure(input.files[0], count);
  const times = await page.evaluate(measure, await page.$("input"), turns);
  process.stdout.write(JSON.stringify(times));
} finally {
  await browser.close();
  server.close();
}
