// One way to start the system's Chromium: a new profile, no traffic of its own. And its hands.
import { launch } from "puppeteer-core";

export function chromium(profile, extra = []) {
  return launch({
    executablePath: process.env.INTAKE_CHROMIUM,
    userDataDir: profile,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...extra,
    ],
  });
}

export async function press(page, selector) {
  const [answer] = await Promise.all([page.waitForNavigation(), page.click(selector)]);
  return answer;
}

export async function type(page, selector, text) {
  // As a keyboard would insert it, without minutes of key presses.
  await page.focus(selector);
  const session = await page.createCDPSession();
  await session.send("Input.insertText", { text });
  await session.detach();
}

// Answers a question by its name: text is typed, a choice is chosen or ticked.
export async function answer(page, name, value) {
  const field = `[name="${name}"]`;
  const kind = await page.$eval(field, (one) => one.type);
  if (kind === "checkbox" || kind === "radio") {
    await page.click(`${field}[value="${value}"]`);
  } else if (kind === "select-one") {
    await page.select(field, value);
  } else {
    await type(page, field, value);
  }
}
