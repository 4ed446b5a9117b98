// Has Lighthouse judge one page, and prints its scores and what it found fault with.
// Reads one JSON task from standard input: `lighthouse` is the path of its package.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "./chromium.mjs";

const task = JSON.parse(readFileSync(0, "utf8"));
const { default: lighthouse } = await import(pathToFileURL(`${task.lighthouse}/core/index.js`));
const browser = await chromium(task.profile);
const port = Number(new URL(browser.wsEndpoint()).port);
const { lhr, artifacts } = await lighthouse(task.url, {
  port,
  onlyCategories: task.categories,
  logLevel: "error",
});
await browser.close();
const scores = Object.entries(lhr.categories).map(([name, { score }]) => [name, score]);
const faults = Object.values(lhr.audits)
  .filter(({ score }) => score !== null && score < 1)
  .map(({ id, details }) => `${id} ${JSON.stringify(details?.items ?? []).slice(0, 400)}`);
const asked = artifacts.DevtoolsLog.filter(({ method }) => method === "Network.requestWillBeSent");
const requests = asked.map(({ params }) => params.request.url);
process.stdout.write(JSON.stringify({ scores: Object.fromEntries(scores), faults, requests }));
