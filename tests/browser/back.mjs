// Walks through the pages that the script of coming back makes, and looks at each.
// Reads one JSON task from standard input, writes one JSON list of what was found.
import { readFileSync } from "node:fs";
import { Looker } from "./accessible-look.mjs";
import { chromium, type } from "./chromium.mjs";

const task = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium(task.profile);
const page = (await browser.pages())[0];
const session = await page.createCDPSession();
const looker = new Looker(page, session, true, task.pictures);
const keyboard = {};
const focus = {};

const WAIT = { timeout: 15000 };

// By keyboard; that Tab reaches it is looked at on each kind of page.
async function press(selector) {
  await page.waitForSelector(selector, WAIT);
  await page.focus(selector);
  await page.keyboard.press("Enter");
}

async function see(name, selector) {
  await page.waitForSelector(selector, WAIT);
  focus[name] = await page.evaluate(() => {
    const one = document.activeElement;
    return `${one.tagName} ${one.id || one.className}`.trim();
  });
  await looker.look(name);
  if (looker.where.width === 320) {
    keyboard[name] = await looker.tabs();
  }
}

async function walk(language, width, words) {
  looker.where = { language, width };
  await page.setViewport({ width, height: 700 });
  await page.goto(`${task.url}/${language}/return`);
  await see("come back", "[data-when=script]:not([hidden])");
  await press("main form button");
  await see("no words", "#words-error:not([hidden])");
  await type(page, "#words", words.replace(" ", " zzzz "));
  await see("word of no list", "#words[aria-invalid]");
  await page.$eval("#words", (field) => (field.value = ""));
  await type(page, "#words", words);
  await press("main form button");
  await see("case", "[data-replies] section");
  await press("[data-replies] section > div button");
  await see("delete an answer", "[data-replies] section > div p");
  await press("[data-replies] section > div button:last-child");
  await press("[data-replies] button.row");
  await see("asked group", "form[data-group]");
  await press("[data-do=back]");
  await press("[data-replies] section > button.plain");
  await see("answer", "form[data-group=answer]");
  await type(page, "#message", "We are at the shelter.");
  await press("[name=do][value=send]");
  await see("answered", "main form p.fine");
  await press("[data-do=stop]");
  await see("take it back", "[data-withdraw]");
  await press("[data-do=delete]");
  await see("deletion asked", "main form p.fine");
  await press("[data-do=close]");
  await see("closed", "main > div > .fine");
}

for (const [language, width, words] of task.walks) {
  await walk(language, width, words);
}
console.log(JSON.stringify({ pages: looker.found, keyboard, focus }));
await browser.close();
