// What every driver of this folder does: read the task, open the page, look at it as axe does.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "../browser/chromium.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export async function open() {
  const task = JSON.parse(readFileSync(0, "utf8"));
  const browser = await chromium(task.profile, task.flags ?? []);
  const page = await browser.newPage();
  const problems = [];
  page.on("console", (message) => problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.setViewport({ width: 360, height: 740 });
  await page.goto(task.url);
  await page.waitForSelector("html[data-ready=yes]");
  return { task, browser, page, problems };
}

// Type and features at once: each by itself undoes the other. What a session set ends with it.
const sessions = new WeakMap();
export async function media(page, type = "", features = []) {
  if (!sessions.has(page)) sessions.set(page, await page.createCDPSession());
  await sessions.get(page).send("Emulation.setEmulatedMedia", { media: type, features });
}

// What axe finds in light and dark, and what is lower than a fingertip.
export async function violations(page) {
  await page.evaluate(axe);
  const found = [];
  for (const value of ["light", "dark"]) {
    await media(page, "", [{ name: "prefers-color-scheme", value }]);
    found.push(
      ...(await page.evaluate(async (values) => {
        const rules = { "target-size": { enabled: true } };
        const only = { type: "tag", values };
        const result = await globalThis.axe.run(document, { preload: false, runOnly: only, rules });
        return result.violations.flatMap((one) =>
          one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 120)}`),
        );
      }, TAGS)),
    );
  }
  await media(page);
  const low = await page.evaluate(() =>
    [...document.querySelectorAll("button, input, audio")]
      .filter((one) => one.getClientRects().length > 0)
      .map((one) => one.closest("label") ?? one)
      .filter((one) => one.getBoundingClientRect().height < 43.9)
      .map((one) => one.outerHTML.slice(0, 120)),
  );
  return [...found, ...low];
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Presses the visible button of this text, by the keyboard: focus, then Enter.
export async function press(page, text) {
  const found = await page.evaluateHandle(
    (wanted) =>
      [...document.querySelectorAll("button")].find(
        (one) => one.textContent === wanted && one.getClientRects().length > 0,
      ) ?? null,
    text,
  );
  const button = found.asElement();
  if (!button) throw new Error(`no button "${text}" is shown`);
  await button.focus();
  await page.keyboard.press("Enter");
}

// What has the focus, and what was said last.
export const state = (page) =>
  page.evaluate(() => {
    const { activeElement: one } = document;
    return {
      focus: one.tagName === "BUTTON" ? one.textContent : one.tagName.toLowerCase(),
      status: document.querySelector("[role=status]")?.textContent ?? "",
      buttons: [...document.querySelectorAll("#place button")]
        .filter((button) => button.getClientRects().length > 0)
        .map((button) => button.textContent),
    };
  });
