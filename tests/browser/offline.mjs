// Opens the offline form from disk with the network off, in the browser named, and does what it
// is told, a line of JSON at a time. It answers each line with what then stands on the page.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { launch } from "puppeteer-core";
import { answer, chromium, type } from "./chromium.mjs";

const [name, profile, downloads] = process.argv.slice(2);
const isFirefox = name === "firefox";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// Nothing leaves this machine, whatever a page may ask.
const NOWHERE = [
  "--host-resolver-rules=MAP * ~NOTFOUND",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
];
const browser = await (isFirefox ? firefox() : chromium(profile, NOWHERE));
const asked = [];
const noted = [];
let page;

function firefox() {
  return launch({
    browser: "firefox",
    executablePath: process.env.INTAKE_FIREFOX,
    headless: true,
    extraPrefsFirefox: {
      "browser.download.folderList": 2,
      "browser.download.dir": downloads,
      "browser.download.useDownloadDir": true,
      "browser.download.always_ask_before_handling_new_types": false,
      "network.proxy.type": 1,
      "network.proxy.socks": "127.0.0.1",
      "network.proxy.socks_port": 1,
      "network.proxy.socks_remote_dns": true,
    },
  });
}

async function open({ url, script = true, before, dark = false, width = 800, height = 900 }) {
  await page?.close();
  page = await browser.newPage();
  asked.length = 0;
  noted.length = 0;
  page.setDefaultTimeout(10000);
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => noted.push(message.text()));
  page.on("pageerror", (error) => noted.push(String(error)));
  page.on("dialog", (dialog) => dialog.accept());
  await page.setViewport({ width, height });
  if (dark) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  }
  if (!isFirefox) {
    const session = await browser.target().createCDPSession();
    await session.send("Browser.setDownloadBehavior", {
      behavior: "allow",
      downloadPath: downloads,
    });
    await page.setOfflineMode(true);
    await page.setJavaScriptEnabled(script);
  }
  if (before) {
    await page.evaluateOnNewDocument(before);
  }
  await page.goto(url);
}

function isThere(selector, text, gone) {
  const found = [...document.querySelectorAll(selector)].some(
    (one) => !one.closest("[hidden]") && one.textContent.includes(text),
  );
  return found !== gone;
}

const acts = {
  open,
  see: () => undefined,
  async press({ selector }) {
    await page.waitForSelector(selector);
    await page.$eval(selector, (one) => one.scrollIntoView({ block: "center" }));
    await page.click(selector);
  },
  async until({ selector, text = "", gone = false, seconds = 20 }) {
    const timeout = seconds * 1000;
    await page.waitForFunction(isThere, { timeout, polling: 30 }, selector, text, gone);
  },
  async type({ selector, text }) {
    if (isFirefox) {
      await page.focus(selector);
      await page.keyboard.type(text);
    } else {
      await type(page, selector, text);
    }
  },
  // A button by its text.
  async say({ text }) {
    await page.evaluate((wanted) => {
      const all = [...document.querySelectorAll("button")];
      all.find((one) => !one.hidden && one.textContent === wanted).click();
    }, text);
  },
  async answer({ name: question, value }) {
    await answer(page, question, value);
  },
  async give({ selector, files }) {
    await (await page.$(selector)).uploadFile(...files);
  },
  async keys({ keys }) {
    for (const key of keys) {
      await page.keyboard.press(key);
    }
    await new Promise((done) => setTimeout(done, 500));
  },
  async run({ text }) {
    return { found: await page.evaluate(text) };
  },
  async look({ selector }) {
    return { found: await page.$$eval(selector, (all) => all.map((one) => one.innerText)) };
  },
  // What axe finds wrong, and what is lower than a fingertip.
  async check() {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    const low = await page.evaluate(() =>
      [...document.querySelectorAll("main a, button, input, select, textarea")]
        .map((one) => one.closest("label") ?? one)
        .filter((one) => one.getClientRects().length > 0)
        .filter((one) => one.getBoundingClientRect().height < 43.9)
        .map((one) => one.outerHTML.slice(0, 100)),
    );
    const wrong = violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 100)}`);
    return { found: [...wrong, ...low] };
  },
  async picture({ path }) {
    await page.screenshot({ path, fullPage: true });
  },
};

// Runs in the page, also where its script does not.
function seen() {
  return {
    url: document.URL,
    text: document.body?.innerText ?? "",
    title: document.title,
    words: [...document.querySelectorAll(".words li")].map((one) => one.innerText.split(/\s+/)),
    cards: [...document.querySelectorAll("[name=office]")]
      .filter((one) => !one.closest("[hidden]"))
      .map((one) => one.value),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  let stands;
  try {
    const done = (await acts[order.act](order)) ?? {};
    stands = { ...done, ...(await page.evaluate(seen)), asked, noted };
  } catch (error) {
    const text = await page?.evaluate(() => document.body.innerText).catch(() => "");
    stands = { broken: `${order.act} ${order.selector ?? ""}: ${error} … ${text?.slice(-400)}` };
  }
  process.stdout.write(`${JSON.stringify(stands)}\n`);
}
await browser.close();
