// Begins a desk by its buttons, as an investigator would, and looks at each page on the way.
// Reads one JSON task from standard input, writes one JSON list of what was found.
import { readFileSync } from "node:fs";
import { Looker } from "./accessible-look.mjs";
import { answer, chromium, press, type } from "./chromium.mjs";

const task = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium(task.profile);
const page = (await browser.pages())[0];
const session = await page.createCDPSession();
const looker = new Looker(page, session, true, task.pictures);

async function look(name) {
  for (const width of task.widths) {
    await page.setViewport({ width, height: 800 });
    looker.where = { language: "en", width };
    await looker.look(name);
  }
  await page.setViewport({ width: 1280, height: 800 });
}

async function step(name, selector, ...answers) {
  for (const [question, value] of answers) {
    await answer(page, question, value);
  }
  const answered = await press(page, selector);
  await look(name);
  return answered.status();
}

await page.goto(task.enter);
await look("first start");
await step("join", 'a[href="/start/join"]');
await step("join compare", "button[name=look]", ["address", task.server], ["keys", task.file]);
await page.goto(`${task.origin}/start`);
await step("bring back", 'a[href="/start/back"]');
await page.goto(`${task.origin}/start`);
await step("new office", 'a[href="/start/new"]');
await step("address refused", "button[name=look]", ["address", "no address"]);
await page.$eval("#address", (field) => (field.value = ""));
await step("programme", "button[name=look]", ["address", task.server]);
const passphrases = [["passphrase", task.passphrase], ["again", task.passphrase]];
await step("name missing", "button[name=make]", ["office", "inv"], ...passphrases);
await step("recovery sheet", "button[name=make]", ["who", "Ana"], ...passphrases);
const secret = await page.$eval("#secret", (one) => one.innerText);
const isPrintable = await page.$eval("[data-print]", (one) => !one.hidden);
await session.send("Emulation.setEmulatedMedia", { media: "print" });
const printed = await page.evaluate(() => document.body.innerText);
if (task.pictures) await page.screenshot({ path: `${task.pictures}/printed.png`, fullPage: true });
await session.send("Emulation.setEmulatedMedia", { media: "" });
await step("office", 'form[action="/recovery"] button');
await type(page, "#add-key", "age1pq1garbage");
await step("key refused", "#add button");
await page.$eval("#add-key", (field) => (field.value = ""));
await type(page, "#add-key", task.colleague);
await step("compare words", "#add button");
await step("not compared", "button[name=confirm]");
await page.click("[name=compared]");
await step("office changed", "button[name=confirm]");
await page.click(".out summary");
await step("removal", ".out form button");
await page.goto(`${task.origin}/office`);
await step("newer file", "#take button", ["keys", task.file]);
await page.goto(`${task.origin}/office`);
await step("sealing anew", "#seal form > button");
await page.goto(`${task.origin}/office`);
await step("locked", 'form[action="/lock"] button');
await step("unlocked", "main button", ["passphrase", task.passphrase]);
await page.goto(`${task.origin}/recovery`);
const after = page.url();
await browser.close();
console.log(JSON.stringify({ found: looker.found, secret, printed, isPrintable, after }));
