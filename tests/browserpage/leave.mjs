// Leaves by the link and by the keyboard, and looks at what is left of the page.
import { open, pause } from "./look.mjs";

const { task, browser, page } = await open();
const seen = {};
let dialogs = 0;
page.on("dialog", (dialog) => {
  dialogs += 1;
  return dialog.accept();
});

const tap = async (times, gap = 0) => {
  for (let count = 0; count < times; count += 1) {
    await page.keyboard.press("Shift");
    if (gap) await pause(gap);
  }
};
const isHere = async () => (await page.$("#account")) !== null;
// What leads away would have done so by then.
const stays = async (name, act) => {
  await page.focus("#account");
  await act();
  await pause(250);
  seen[name] = await isHere();
  // Nothing of this counts for what comes next.
  await page.keyboard.press("End");
};

// A person typed and clicked: only then would the browser ask before it leaves.
await page.click("#account");
await page.keyboard.type("Nobody said why.");

await stays("two", () => tap(2));
await stays("slow", () => tap(3, 800));
await stays("interrupted", async () => {
  await tap(2);
  await page.keyboard.press("a");
  await tap(1);
});
await stays("capitals", async () => {
  await page.keyboard.down("Shift");
  for (const key of ["A", "B", "C"]) await page.keyboard.press(key);
  await page.keyboard.up("Shift");
  await tap(2);
});
await stays("third with a letter", async () => {
  await tap(2);
  await page.keyboard.down("Shift");
  await page.keyboard.press("N");
  await page.keyboard.up("Shift");
});
await stays("held down", async () => {
  for (let count = 0; count < 5; count += 1) await page.keyboard.down("Shift");
  await page.keyboard.up("Shift");
  await tap(1);
});
await stays("with control", async () => {
  await page.keyboard.down("Control");
  await tap(3);
  await page.keyboard.up("Control");
});
await stays("with the mouse", async () => {
  for (let count = 0; count < 3; count += 1) {
    await page.keyboard.down("Shift");
    await page.click("#account");
    await page.keyboard.up("Shift");
  }
});

// The other site takes a while to answer. No driver can look at a page that is being left: the
// page notes how it looks, every 100 ms.
if (task.by === "keys") await tap(2, 100);
const before = Date.now();
const left = page.waitForNavigation();
await (task.by === "keys" ? tap(1) : page.click("a.leave b"));
await left;
seen.url = new URL(page.url()).pathname;
seen.dialogs = dialogs;
const session = await page.createCDPSession();
const { entries } = await session.send("Page.getNavigationHistory");
seen.history = entries.map((one) => one.url.replace(/:[0-9]+/, ""));
await page.goto(task.url.replace(/\?.*/, "?none"));
const noted = await page.evaluate(() => ({ ...sessionStorage }));
seen.ms = Number(noted.blank) - before;
seen.looks = JSON.parse(noted.looks);
await browser.close();
process.stdout.write(JSON.stringify(seen));
