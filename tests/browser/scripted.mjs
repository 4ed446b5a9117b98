// A browser that runs the page's script and does what it is told, a line of JSON at a time. It
// answers each line with what then stands on the page.
import { createInterface } from "node:readline";
import { answer, chromium, type } from "./chromium.mjs";

const [profile] = process.argv.slice(2);
// Nothing leaves this machine, wherever a page may go.
const browser = await chromium(profile, [
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
]);
const tabs = new Map();

async function open(id, { url, before, script = true, slow = false }) {
  const page = await browser.newPage();
  const tab = { page, noted: [], asked: [] };
  tabs.set(id, tab);
  page.setDefaultTimeout(10000);
  page.on("console", (message) => tab.noted.push(message.text()));
  page.on("pageerror", (error) => tab.noted.push(String(error)));
  page.on("dialog", (dialog) => {
    tab.asked.push(dialog.type());
    return dialog.accept();
  });
  await page.setJavaScriptEnabled(script);
  if (before) {
    await page.evaluateOnNewDocument(before);
  }
  if (slow) {
    await page.emulateNetworkConditions({ download: 50000, upload: 50000, latency: 600 });
  }
  await page.goto(url, { waitUntil: slow ? "domcontentloaded" : "load" });
  return tab;
}

// Closes all tabs, whatever their pages would ask.
async function forget() {
  await Promise.allSettled([...tabs.values()].map(({ page }) => page.close()));
  tabs.clear();
}

const centre = (page, selector) =>
  page.$eval(selector, (one) => {
    one.scrollIntoView({ block: "center" });
    const box = one.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  });

async function press({ page }, { selector, count = 1 }) {
  await page.waitForSelector(selector);
  const [x, y] = await centre(page, selector);
  await page.mouse.click(x, y, { count });
}

function isThere(selector, text, gone) {
  const found = [...document.querySelectorAll(selector)].some(
    (one) => !one.closest("[hidden]") && one.textContent.includes(text),
  );
  return found !== gone;
}

const acts = {
  press,
  see: () => undefined,
  async until({ page }, { selector, text = "", gone = false, seconds = 10 }) {
    const timeout = seconds * 1000;
    await page.waitForFunction(isThere, { timeout, polling: 30 }, selector, text, gone);
  },
  async type({ page }, { selector, text }) {
    await type(page, selector, text);
  },
  async answer({ page }, { name, value }) {
    await answer(page, name, value);
  },
  async give({ page }, { selector, files }) {
    await (await page.$(selector)).uploadFile(...files);
  },
  async choose({ page }, { selector }) {
    const [chooser] = await Promise.all([
      page.waitForFileChooser(),
      press({ page }, { selector }),
    ]);
    return { multiple: chooser.isMultiple() };
  },
  async keys({ page }, { keys, leaves = false }) {
    const left = leaves ? page.waitForNavigation({ timeout: 5000 }) : Promise.resolve();
    left.catch(() => undefined);
    for (const key of keys) {
      await page.keyboard.press(key);
    }
    // What cannot be loaded here is left for all the same.
    await left.catch(() => undefined);
  },
  // Leaves a page for another, and says nothing of the one that could not be loaded.
  async go({ page }, { url }) {
    await page.goto(url, { timeout: 5000 }).catch(() => undefined);
  },
  async back({ page }) {
    await page.goBack();
  },
  async post(tab, order) {
    await Promise.all([tab.page.waitForNavigation(), press(tab, order)]);
  },
  async look({ page }, { selector }) {
    return { found: await page.$$eval(selector, (all) => all.map((one) => one.innerText)) };
  },
  async kept({ page }) {
    const kept = await page.evaluate(async () => ({
      local: Object.keys(localStorage),
      session: Object.keys(sessionStorage),
      databases: (await indexedDB.databases()).length,
      caches: await caches.keys(),
      scripts: (await navigator.serviceWorker.getRegistrations()).length,
      quota: (await navigator.storage.estimate()).usage,
    }));
    const session = await page.createCDPSession();
    kept.cookies = (await session.send("Network.getAllCookies")).cookies;
    return { kept };
  },
  async history({ page }) {
    const session = await page.createCDPSession();
    const { entries } = await session.send("Page.getNavigationHistory");
    return { entries: entries.map(({ url, title }) => [url, title]) };
  },
  // As the system takes a tab away: nothing of the page runs any more.
  async crash({ page }) {
    const session = await page.createCDPSession();
    const gone = new Promise((done) => page.once("error", done));
    session.send("Page.crash").catch(() => undefined);
    await gone;
  },
};

// Runs in the page, also where its script does not.
function seen() {
  const focused = document.activeElement;
  return {
    url: document.URL,
    text: document.body.innerText,
    fields: [...document.forms].flatMap((form) =>
      [...new FormData(form)].filter(([, value]) => typeof value === "string"),
    ),
    words: [...document.querySelectorAll(".words li")].map((one) => one.innerText.split(/\s+/)),
    focus: focused?.id || focused?.className || focused?.tagName,
    shown: [...document.querySelectorAll("[data-when]")]
      .filter((one) => !one.hidden)
      .map((one) => one.dataset.when),
    cards: [...document.querySelectorAll("[name=office], [name=joining]")]
      .filter((one) => !one.closest("[hidden]"))
      .map((one) => one.value),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  let stands;
  try {
    let done = {};
    if (order.act === "forget") {
      await forget();
      process.stdout.write("{}\n");
      continue;
    }
    if (order.act === "open") {
      await open(order.tab, order);
    } else {
      done = (await acts[order.act](tabs.get(order.tab), order)) ?? {};
    }
    const { page, noted, asked } = tabs.get(order.tab);
    const there = order.act === "crash" ? {} : await page.evaluate(seen);
    stands = { ...done, ...there, noted, asked };
  } catch (error) {
    const page = tabs.get(order.tab)?.page;
    const text = await page?.evaluate(() => document.body.innerText).catch(() => "");
    stands = { broken: `${order.act} ${order.selector ?? ""}: ${error} … ${text?.slice(-300)}` };
  }
  process.stdout.write(`${JSON.stringify(stands)}\n`);
}
await browser.close();
