// Works at the web desk as a person does: a list of steps, in one browser. Reads one JSON task from
// standard input, writes one JSON object: what was read, what axe found, what left the desk.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium, press, type } from "./chromium.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LOOKS = [
  { width: 1280, scheme: "light" },
  { width: 1280, scheme: "dark" },
  { width: 800, scheme: "light" },
  { width: 800, scheme: "dark" },
];

const task = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium(task.profile, ["--autoplay-policy=no-user-gesture-required"]);
const page = (await browser.pages())[0];
const seen = { read: {}, wrong: [], foreign: [], errors: [] };
const { origin } = new URL(task.enter);

page.on("pageerror", (error) => seen.errors.push(error.message));
page.on("request", (request) => {
  const url = request.url();
  if (!url.startsWith(`${origin}/`) && !/^(data|about|blob):/.test(url)) seen.foreign.push(url);
});

// A page at both widths and in both schemes: axe, a ruler, and a picture where one is wanted.
async function look(name) {
  const session = await page.createCDPSession();
  await session.send("Page.setBypassCSP", { enabled: true });
  await page.reload();
  for (const { width, scheme } of LOOKS) {
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run({ iframes: false }));
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    for (const one of violations) {
      seen.wrong.push(`${name} ${width} ${scheme}: ${one.id} ${one.nodes[0].html.slice(0, 120)}`);
    }
    if (over > 0) seen.wrong.push(`${name} ${width}: ${over} too wide`);
    if (task.pictures) {
      const path = `${task.pictures}/${name}-${width}-${scheme}.png`;
      await page.screenshot({ path, fullPage: true });
    }
  }
  await session.send("Page.setBypassCSP", { enabled: false });
  await session.detach();
}

const acts = {
  go: (path) => page.goto(`${origin}${path}`),
  type: (selector, text) => type(page, selector, text),
  choose: (selector, value) => page.select(selector, value),
  tick: (selector) => page.click(selector),
  press: (selector) => press(page, selector),
  key: (name) => page.keyboard.press(name),
  until: (selector) => page.waitForSelector(selector),
  gone: (selector) => page.waitForSelector(selector, { hidden: true }),
  look,
  // What stands there, without the line ends of the markup.
  read: async (name, selector = "main") => {
    seen.read[name] = await page.$eval(selector, (one) => one.innerText);
  },
  take: async (name, path) => {
    seen.read[name] = await page.evaluate(async (from) => (await fetch(from)).text(), path);
  },
  address: async (name) => {
    seen.read[name] = page.url().replace(origin, "");
  },
};

await page.goto(task.enter);
for (const [act, ...given] of task.steps) {
  try {
    await acts[act](...given);
  } catch (error) {
    const text = await page.evaluate(() => document.body.innerText).catch(() => "");
    throw new Error(`${act} ${given.join(" ")}: ${error.message}\n${page.url()}\n${text}`);
  }
}
await browser.close();
process.stdout.write(JSON.stringify(seen));
