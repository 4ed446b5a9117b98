// Walks through every kind of page without JavaScript, and looks at each as axe and a ruler do.
// Reads one JSON task from standard input, writes one JSON list of what was found.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { answer, chromium, press } from "./chromium.mjs";

const task = JSON.parse(readFileSync(0, "utf8"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const browser = await chromium(task.profile);
const page = (await browser.pages())[0];
const session = await page.createCDPSession();
await page.setJavaScriptEnabled(false);
const found = [];

// axe waits for timers, which need script: it is on only while axe looks.
async function violations(media, rules) {
  const features = Object.entries(media).map(([name, value]) => ({ name, value }));
  await session.send("Emulation.setEmulatedMedia", { features });
  return page.evaluate(
    async (values, type) => {
      const rules = type === "tag" ? { "target-size": { enabled: true } } : {};
      const result = await globalThis.axe.run(document, { preload: false, runOnly: { type, values }, rules });
      return result.violations.flatMap((one) =>
        one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 120)}`),
      );
    },
    rules ?? TAGS,
    rules ? "rule" : "tag",
  );
}

// What is lower than a fingertip: controls with their labels, and links that are no part of a
// sentence.
const tooSmall = () =>
  [...document.querySelectorAll("a[href], button, input, select, textarea")]
    .filter((one) => one.getClientRects().length > 0)
    .filter((one) => {
      const isAlone = one.parentElement.innerText.trim() === one.innerText.trim();
      return one.tagName !== "A" || isAlone || getComputedStyle(one).display !== "inline";
    })
    .map((one) => one.closest("label") ?? one)
    .filter((one) => one.getBoundingClientRect().height < 43.9)
    .map((one) => `${one.getBoundingClientRect().height} ${one.outerHTML.slice(0, 120)}`);

async function look(name) {
  const width = page.viewport().width;
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
  const seen = { ...where, name, scroll: await wide(), small: await page.evaluate(tooSmall) };
  seen.title = await page.title();
  await page.setJavaScriptEnabled(true);
  await page.evaluate(axe);
  seen.light = await violations({ "prefers-color-scheme": "light" });
  seen.dark = await violations({ "prefers-color-scheme": "dark" }, ["color-contrast"]);
  if (width === 320) {
    seen.forced = await violations({ "forced-colors": "active", "prefers-reduced-motion": "reduce" });
    await page.setViewport({ width: 640, height: 700 });
    await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    seen.large = await wide();
    await page.setViewport({ width, height: 700 });
  }
  await session.send("Emulation.setEmulatedMedia", { features: [] });
  await page.setJavaScriptEnabled(false);
  found.push(seen);
}

async function step(name, selector, ...answers) {
  for (const [question, value] of answers) {
    await answer(page, question, value);
  }
  await press(page, selector);
  await look(name);
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
  await step(
    "review",
    "form button",
    ["account", "They took us off the bus at the bridge. ".repeat(9)],
    ["place", "Nuevolaredo".repeat(20)],
    ["agency", "cbp"],
    ["child", "yes"],
    ["urgency", "life"],
  );
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
}

// Where the Tab key goes on the form, until it has been everywhere.
async function tabs(language) {
  await open(`/${language}/`);
  await page.evaluate(() => {
    // A radio group is one stop, under its name.
    globalThis.key = (one) =>
      one.type === "radio" ? one.name : one.href || one.id || `${one.name}=${one.value}`;
  });
  const controls = await page.evaluate(() => {
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea")];
    return [...new Set(all.filter((one) => one.getClientRects().length > 0).map(globalThis.key))];
  });
  const visited = [];
  const unseen = [];
  for (let count = 0; count < controls.length; count += 1) {
    await page.keyboard.press("Tab");
    const [key, isSeen] = await page.evaluate(() => {
      const one = document.activeElement;
      const place = one.getBoundingClientRect();
      const style = getComputedStyle(one);
      const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      return [globalThis.key(one), isOutlined && place.bottom > 0 && place.top < innerHeight];
    });
    visited.push(key);
    if (!isSeen) {
      unseen.push(key);
    }
  }
  return { controls, visited, unseen };
}

let where = {};
for (const width of task.widths) {
  where = { language: task.language, width };
  await page.setViewport({ width, height: 700, deviceScaleFactor: 1 });
  await walk(task.language);
}
const keyboard = await tabs(task.language);
await browser.close();
process.stdout.write(JSON.stringify({ pages: found, keyboard }));
