// A witness without JavaScript: files for two offices, or comes back, reads, answers, takes back.
// Reads one JSON task from standard input, writes one JSON account of what she saw.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, press, type } from "./chromium.mjs";

const task = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium(task.profile);
const page = (await browser.pages())[0];
await page.setJavaScriptEnabled(false);
await page.setViewport({ width: 320, height: 700, deviceScaleFactor: 1 });

const seen = { statuses: {}, texts: {}, ticked: {}, widths: {} };

async function look(name, answer) {
  seen.statuses[name] = answer?.status();
  seen.texts[name] = await page.evaluate(() => document.body.innerText);
  seen.widths[name] = await page.evaluate(() => document.documentElement.scrollWidth);
  seen.ticked[name] = await page.$$eval("input[name=office]:checked", (all) => all.map((one) => one.value));
  if (task.pictures) {
    await page.screenshot({ path: join(task.pictures, `talk-${name}.png`), fullPage: true });
  }
}

async function file() {
  await page.goto(`${task.url}/en/`);
  await type(page, "#account", task.account);
  await page.click('input[name=child][value="yes"]');
  await press(page, "form button");
  await page.click('input[name=office][value="children"]');
  await look("sent", await press(page, "form > button:not(.plain)"));
  seen.words = await page.$$eval(".words b", (all) => all.map((one) => one.textContent));
}

async function comeBack(name) {
  await page.goto(`${task.url}/${task.language}/return`);
  await type(page, "#words", task.words);
  await look(name, await press(page, "form button"));
}

async function back() {
  await comeBack("mistyped");
  await page.$eval("#words", (field) => field.select());
  await type(page, "#words", task.short);
  await look("case", await press(page, "form button"));
  await look("ask", await press(page, ".office button[name=group][value=detained]"));
  await type(page, "#held-at", task.told);
  await look("asked", await press(page, "button[value=send]"));
  await look("answer", await press(page, ".office button[name=group][value=answer]"));
  await type(page, "#message", task.answer);
  await (await page.$("input[type=file]")).uploadFile(task.photo);
  await look("photo", await press(page, "button[value=send]"));
  for (const tick of await page.$$("input[name=original]:checked")) {
    await tick.click();
  }
  await look("answered", await press(page, "button[value=send]"));
  await look("discard", await press(page, ".office form[action$=discard] button"));
  await look("kept", await press(page, "form[action$=return] button"));
  await press(page, ".office form[action$=discard] button");
  await look("deleted", await press(page, "form[action$=discard] button"));
  await look("stop", await press(page, "form[action$=stop] button"));
  const taken = "form:has(input[value=withdraw]):has(input[value=children]) button";
  await look("withdrawn", await press(page, taken));
}

await { file, back, empty: () => comeBack("empty") }[task.does]();
await browser.close();
process.stdout.write(JSON.stringify(seen));
