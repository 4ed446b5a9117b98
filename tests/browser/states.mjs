// A browser without JavaScript that does what it is told, a line of JSON at a time: tabs, keys,
// Back, reload. It answers each line with what then stands on the page.
import { createInterface } from "node:readline";
import { launch } from "puppeteer-core";
import { chromium } from "./chromium.mjs";

const [name, path, profile] = process.argv.slice(2);
const isFirefox = name === "firefox";
process.env.INTAKE_CHROMIUM = path;
const browser = isFirefox
  ? await launch({
      browser: "firefox",
      executablePath: path,
      userDataDir: profile,
      extraPrefsFirefox: {
        "javascript.enabled": false,
        // "Send it again?" is answered with yes, as Chromium's driver does.
        "dom.confirm_repost.testing.always_accept": true,
      },
    })
  : await chromium(profile);
const tabs = new Map();

async function tab(id) {
  if (!tabs.has(id)) {
    const page = await browser.newPage();
    if (!isFirefox) {
      await page.setJavaScriptEnabled(false);
    }
    tabs.set(id, page);
  }
  return tabs.get(id);
}

async function go(page, act, timeout = 5000) {
  // The browser's own error page is an answer too, of status 0; Firefox never says it is there.
  const left = page.waitForNavigation({ timeout });
  const [moved] = await Promise.allSettled([left, act()]);
  return { status: moved.value?.status() ?? 0 };
}

// Puppeteer's own click waits for an observer's call, which never comes where scripts are off.
async function click(page, selector, count = 1) {
  await centre(page, selector);
  // A page that says what is wrong scrolls there once it is shown: look again after that.
  await new Promise((done) => setTimeout(done, 50));
  const [x, y] = await centre(page, selector);
  await page.mouse.click(x, y, { count });
}

function centre(page, selector) {
  return page.$eval(selector, (one) => {
    one.scrollIntoView({ block: "center" });
    const box = one.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  });
}

const acts = {
  open: (page, { url }) => go(page, () => page.goto(url)),
  press: (page, { selector }) => go(page, () => click(page, selector)),
  fail: (page, { selector }) => go(page, () => click(page, selector), 700),
  twice: (page, { selector }) => go(page, () => click(page, selector, 2)),
  back: (page, { timeout }) => go(page, () => page.goBack({ timeout }), timeout),
  forward: (page, { timeout }) => go(page, () => page.goForward({ timeout }), timeout),
  reload: (page, { timeout }) => go(page, () => page.reload({ timeout }), timeout),
  async select(page, { selector, value }) {
    await page.select(selector, value);
  },
  // A page that was changed by somebody: a choice that was never offered.
  async forge(page, { selector, value }) {
    await page.$eval(selector, (one, to) => (one.value = to), value);
  },
  see: () => {},
  async type(page, { selector, text }) {
    await page.focus(selector);
    await (isFirefox ? page.keyboard.type(text) : page.keyboard.sendCharacter(text));
  },
};

function look() {
  return {
    url: document.URL,
    text: document.body.innerText,
    fields: [...document.forms].flatMap((form) => [...new FormData(form)]),
    words: [...document.querySelectorAll(".words b")].map((one) => one.textContent),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  let answer;
  try {
    const page = await tab(order.tab);
    const done = (await acts[order.act](page, order)) ?? {};
    answer = { ...done, ...(await page.evaluate(look)) };
  } catch (error) {
    answer = { broken: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
