// A witness without JavaScript who speaks instead of writing, and adds three files to her case.
// Reads one JSON task from standard input, writes one JSON account of what she saw.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, press } from "./chromium.mjs";

const task = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium(task.profile);
const page = (await browser.pages())[0];
await page.setJavaScriptEnabled(false);
await page.setViewport({ width: 320, height: 700, deviceScaleFactor: 1 });

const seen = { statuses: {}, texts: {}, widths: {} };

async function look(name, answer) {
  seen.statuses[name] = answer?.status();
  seen.texts[name] = await page.evaluate(() => document.body.innerText);
  seen.widths[name] = await page.evaluate(() => document.documentElement.scrollWidth);
  if (task.pictures) {
    await page.screenshot({ path: join(task.pictures, `files-${name}.png`), fullPage: true });
  }
}

async function choose(files) {
  const input = await page.$("input[type=file]");
  await input.uploadFile(...files);
}

async function ticked(name) {
  return page.$$eval(`input[name=${name}]:checked`, (all) => all.map((one) => one.value));
}

await page.goto(`${task.url}/${task.language}/`);
await page.click('input[name=child][value="yes"]');
await choose([task.voice]);
await look("review", await press(page, "form button"));
await look("changed", await press(page, "form > button.plain"));
await look("again", await press(page, "form button"));
for (const office of task.offices) {
  await page.click(`input[name=office][value="${office}"]`);
}
await look("sent", await press(page, "form > button:not(.plain)"));
seen.words = await page.$$eval(".words b", (all) => all.map((one) => one.textContent));
await look("case", await press(page, "form button"));
await look("ask", await press(page, "button[name=group][value=evidence]"));
await choose(task.files);
await look("shown", await press(page, "button[value=send]"));
seen.originals = await ticked("original");
await look("added", await press(page, "button[value=send]"));
const session = await page.createCDPSession();
seen.cookies = (await session.send("Network.getAllCookies")).cookies;
await browser.close();
process.stdout.write(JSON.stringify(seen));
