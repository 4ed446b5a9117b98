// A witness whose browser runs script: what the page's headers let run, and what they stop.
// Reads one JSON task from standard input, writes one JSON account of what was seen.
import { readFileSync } from "node:fs";
import { chromium, press, type } from "./chromium.mjs";

const task = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium(task.profile, ["--autoplay-policy=no-user-gesture-required"]);
const page = (await browser.pages())[0];
const seen = { console: [], codings: {} };
page.on("console", (message) => seen.console.push(message.text()));
page.on("pageerror", (error) => seen.console.push(String(error)));
page.on("response", (answer) => {
  const address = `${answer.request().method()} ${new URL(answer.url()).pathname}`;
  seen.codings[address] = answer.headers()["content-encoding"] ?? "";
});

await page.goto(`${task.url}/en/`);
if (task.runs) {
  const done = () => document.documentElement.dataset.done === "yes";
  await page.waitForFunction(done, { timeout: 20000 }).catch(() => undefined);
}
seen.data = await page.evaluate(() => ({ ...document.documentElement.dataset }));
seen.isolated = await page.evaluate(() => crossOriginIsolated);
await type(page, "#account", task.account);
seen.status = (await press(page, "main form button")).status();
seen.review = await page.evaluate(() => document.body.innerText);
await browser.close();
process.stdout.write(JSON.stringify(seen));
