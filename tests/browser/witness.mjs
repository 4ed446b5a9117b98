// A witness without JavaScript: files a report, then comes back with her words.
// Reads one JSON task from standard input, writes one JSON account of what she saw.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, press, type } from "./chromium.mjs";

const task = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium(task.profile);
const page = (await browser.pages())[0];
await page.setJavaScriptEnabled(false);
await page.setViewport({ width: task.width ?? 320, height: 700, deviceScaleFactor: 1 });

const seen = { requests: [], problems: [], statuses: {}, texts: {}, widths: {} };
page.on("request", (request) => seen.requests.push(`${request.method()} ${request.url()}`));
page.on("console", (message) => seen.problems.push(message.text()));
page.on("pageerror", (error) => seen.problems.push(String(error)));

async function look(name, answer) {
  seen.statuses[name] = answer?.status();
  seen.texts[name] = await page.evaluate(() => document.body.innerText);
  seen.widths[name] = await page.evaluate(() => document.documentElement.scrollWidth);
  if (task.pictures) {
    await page.screenshot({ path: join(task.pictures, `${name}-${task.width ?? 320}.png`), fullPage: true });
  }
}

await look("home", await page.goto(task.url));
await look("form", await press(page, `main a[href="/${task.language}/"]`));
if (task.empty_first) {
  await look("refused", await press(page, "button"));
}
await type(page, "#account", task.account);
await type(page, "#place", task.place);
for (const [name, value] of Object.entries(task.selects)) {
  await page.select(`#${name}`, value);
}
for (const [name, value] of task.ticks) {
  await page.click(`input[name="${name}"][value="${value}"]`);
}
await look("review", await press(page, "form button"));
seen.preselected = await page.$$eval("input[name=office]:checked", (all) => all.map((one) => one.value));
seen.offered = await page.$$eval("input[name=office]", (all) => all.map((one) => one.value));
seen.words = await page.$$eval(".words b", (all) => all.map((one) => one.textContent));
for (const office of task.offices) {
  await page.click(`input[name=office][value="${office}"]`);
}
for (const [office, contact] of Object.entries(task.contacts)) {
  await type(page, `#contact-${office}`, contact);
}
await look("sent", await press(page, "form > button:not(.plain)"));
seen.wordsAgain = await page.$$eval(".words b", (all) => all.map((one) => one.textContent));
await look("come-back", await press(page, `main a[href="/${task.language}/return"]`));
await type(page, "#words", seen.words.join(" "));
await look("status", await press(page, "form button"));
const session = await page.createCDPSession();
seen.cookies = (await session.send("Network.getAllCookies")).cookies;
await browser.close();
process.stdout.write(JSON.stringify(seen));
