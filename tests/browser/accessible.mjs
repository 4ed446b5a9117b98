// Walks through every kind of page, without JavaScript and with it, and looks at each.
// Reads one JSON task from standard input, writes one JSON list of what was found.
import { readFileSync } from "node:fs";
import { Looker } from "./accessible-look.mjs";
import { FLAGS, walkScripted } from "./accessible-script.mjs";
import { answer, chromium, press } from "./chromium.mjs";

const task = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium(task.profile, FLAGS);
const page = (await browser.pages())[0];
const session = await page.createCDPSession();
await page.setJavaScriptEnabled(false);
const plain = new Looker(page, session, false, task.pictures);
const look = (name) => plain.look(name);

async function step(name, selector, ...answers) {
  for (const [question, value] of answers) {
    await answer(page, question, value);
  }
  await press(page, selector);
  await look(name);
}

async function choose(...paths) {
  const input = await page.$("[name=new]");
  await input.uploadFile(...paths);
}

const open = (address) => page.goto(`${task.url}${address}`);
const group = (name) => `button[name=group][value="${name}"]`;
const SEND = "button[value=send]";
const BACK = 'form[action$="/return"] button';

async function walk(language) {
  if (language === "en") {
    await open("/");
    await look("home");
  }
  await open(`/${language}/`);
  await look("form");
  await step("form refused", "form button");
  await choose(task.photo);
  await step(
    "review",
    "form button",
    ["account", "They took us off the bus at the bridge. ".repeat(9)],
    ["place", "Nuevolaredo".repeat(20)],
    ["agency", "cbp"],
    ["child", "yes"],
    ["urgency", "life"],
  );
  await step("given back", "button[formaction$=change]");
  await press(page, "form button");
  await step("sent", "form > button:not(.plain)", ["office", "children"], ["office", "dhs-oig"]);
  const words = await page.$$eval(".words b", (all) => all.map((one) => one.textContent).join(" "));
  await open(`/${language}/return`);
  await look("come back");
  await step("come back refused", "form button", ["words", "one two"]);
  await page.$eval("#words", (field) => (field.value = ""));
  await step("case", "form button", ["words", words]);
  for (const name of task.groups) {
    await step(name, group(name));
    await press(page, BACK);
  }
  await press(page, group("persons"));
  await step("two persons", "button[value=more]", ["person-0-alias", "Ana"]);
  const yes = [["person-0-agrees", "publish"], ["person-1-agrees", "refer"]];
  await step("persons refused", SEND, ...yes);
  await press(page, BACK);
  await press(page, group("evidence"));
  await choose(task.photo, task.paper);
  await step("evidence with files", SEND);
  await press(page, BACK);
  await press(page, group("detained"));
  await step("proposals", SEND, ["custody", "yes"], ["agency", "ice"], ["region", "us-border"]);
  await step("added", SEND, ["joining", "detention"]);
  await press(page, group("incident"));
  await step("spared", SEND, ["place-kind", "undescribed"], ["facility", "A house"]);
  await step("stop", 'form[action$="/stop"] button');
  await step("taken back", 'form:has([value="children"]) button');
  await step("deletion", 'form:has([value="delete"]) button');
  await step("closed", 'form:has([value="exposed"]) button');
  await open(`/${language}/nothing-here`);
  await look("not found");
  await page.goto(`${task.unsealing}/${language}/`);
  await look("switched off");
}

for (const width of task.widths) {
  plain.where = { language: task.language, width };
  await page.setViewport({ width, height: 700, deviceScaleFactor: 1 });
  await walk(task.language);
}
await open(`/${task.language}/`);
const keyboard = { form: await plain.tabs() };
await page.close();
const scripted = await walkScripted(browser, task);
await browser.close();
const { found, ...seen } = scripted;
const pages = [...plain.found, ...found];
const keyboards = { ...keyboard, ...scripted.keyboard };
process.stdout.write(JSON.stringify({ ...seen, pages, keyboard: keyboards }));
