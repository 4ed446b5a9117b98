// Gives a file to the Worker of a page in a real Chromium. Reads one JSON task from standard
// input, writes one JSON account of the news, of what the browser complained of, and of the heap.
import { readFileSync } from "node:fs";
import { chromium } from "../browser/chromium.mjs";

const task = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium(task.profile);
const page = (await browser.pages())[0];
const seen = { news: [], console: [], heap: 0 };
page.on("console", (message) => seen.console.push(message.text()));
page.on("pageerror", (error) => seen.console.push(String(error)));

await page.goto(`${task.url}/en/`);
const [worker] = await Promise.all([
  new Promise((created) => page.once("workercreated", created)),
  page.evaluate((script) => window.begin(script), task.script),
]);
// Its clock never strikes: whatever it waits for, only the browser's word that it is online helps.
await worker.evaluate(() => {
  globalThis.setTimeout = () => 0;
});
// What the Worker holds: objects, and the bytes behind its buffers.
const measure = async () => {
  const { usedSize, backingStorageSize } = await worker.client.send("Runtime.getHeapUsage");
  seen.heap = Math.max(seen.heap, usedSize + backingStorageSize);
};
const measuring = setInterval(() => measure().catch(() => undefined), 20);
await (await page.$("#chosen")).uploadFile(task.file);
await page.evaluate(() => window.take());
for (;;) {
  const news = await page.evaluate(() => window.next());
  seen.news.push(news);
  if (["whole", "failed"].includes(news.event)) break;
  if (news.event === "waiting") await worker.evaluate(() => dispatchEvent(new Event("online")));
}
clearInterval(measuring);
await browser.close();
process.stdout.write(JSON.stringify(seen));
