// Enters whole cases without JavaScript: the first form, who may read it, every addition.
// Reads one JSON task from standard input, writes one JSON list of what each case page showed.
import { readFileSync } from "node:fs";
import { answer, chromium, press } from "./chromium.mjs";

const task = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium(task.profile);
const page = (await browser.pages())[0];
await page.setJavaScriptEnabled(false);
await page.setViewport({ width: 320, height: 700, deviceScaleFactor: 1 });

async function fill(answers, prefix = "") {
  for (const [name, value] of answers) {
    await answer(page, prefix + name, value);
  }
}

async function tick(offices) {
  const boxes = await page.$$eval("input[name=office]", (all) => all.map((one) => [one.value, one.checked]));
  for (const [office, isTicked] of boxes) {
    if (isTicked !== offices.includes(office)) {
      await page.click(`input[name=office][value="${office}"]`);
    }
  }
  return boxes.map(([office]) => office);
}

async function add(addition, offices) {
  await press(page, `button[name=group][value="${addition.group}"]`);
  await fill(addition.answers);
  for (const [number, person] of addition.people.entries()) {
    if (number > 0) {
      await press(page, "button[value=more]");
    }
    await fill(person, `person-${number}-`);
  }
  if (addition.people.length > 0) {
    await tick(offices); // only the fallback is ticked before
  }
  await press(page, "button[value=send]");
  await page.waitForSelector("button.row", { timeout: 5000 }).catch(async () => {
    throw new Error(`${addition.group}: ${await page.$eval("main", (one) => one.innerText)}`);
  });
}

const told = [];
for (const story of task.stories) {
  await page.goto(`${task.url}/en/`);
  await fill(story.report);
  await press(page, "form button");
  const offered = await tick(story.offices);
  const read = await page.$eval(".given", (one) => one.innerText);
  await press(page, "form > button:not(.plain)");
  await press(page, "form button");
  for (const addition of story.additions) {
    await add(addition, story.offices);
  }
  const rows = await page.$$eval("button.row", (all) => all.map((one) => one.innerText));
  told.push({ offered, read, rows, shown: await page.$eval("main", (one) => one.innerText) });
}
await browser.close();
process.stdout.write(JSON.stringify(told));
