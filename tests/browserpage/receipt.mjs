// Prints the words and is asked for two of them, by the keyboard.
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";
import { type } from "../browser/chromium.mjs";
import { media, open, press, state, violations } from "./look.mjs";

const jsQR = createRequire(import.meta.url)("jsqr");
const { task, browser, page, problems } = await open();
const seen = { axe: {} };

const shown = () =>
  page.evaluate(() => ({
    text: document.body.innerText,
    words: document.querySelector(".words").getClientRects().length > 0,
    paper: document.querySelectorAll(".paper").length,
    svg: [...document.querySelectorAll("svg")].some((one) => one.getClientRects().length > 0),
    title: document.title,
    errors: [...document.querySelectorAll("[aria-invalid]")].map((field) => ({
      label: field.labels[0].textContent,
      error: document.getElementById(field.getAttribute("aria-describedby")).innerText,
      hasFocus: field === document.activeElement,
    })),
  }));

seen.first = await shown();
seen.axe.first = await violations(page);

// The dialog of printing is the browser's own; here it is answered by looking at the paper.
await page.evaluate(() => {
  globalThis.printed = 0;
  window.print = () => (globalThis.printed += 1);
});
for (const pressed of [1, 2]) {
  await press(page, "Print the words");
  seen.printing = await shown();
  seen.axe.printing = await violations(page);
  await media(page, "print");
  seen.paper = await shown();
  // As pixels of the drawing in the page; a decoder that shares no line with the encoder.
  const clip = await page.$eval(".paper svg", (one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return { x, y: y + scrollY, width, height };
  });
  const pixels = await pixelsOf(await page.screenshot({ clip, encoding: "base64" }));
  seen.code = jsQR(Uint8ClampedArray.from(pixels.data), pixels.width, pixels.height)?.data ?? null;
  if (task.picture) writeFileSync(task.picture, await page.screenshot({ fullPage: true }));
  const dark = [{ name: "prefers-color-scheme", value: "dark" }];
  await media(page, "print", dark);
  seen.ink = await page.$eval(".paper", (one) => [
    getComputedStyle(one).color,
    getComputedStyle(one).backgroundColor,
    one.getClientRects().length,
  ]);
  await media(page);
  // Printed for once: the browser itself says when that is over.
  const pdf = Buffer.from(await page.pdf({ preferCSSPageSize: true })).toString("latin1");
  seen.sheets = pdf.match(/\/Type\s*\/Page\b/g).length;
  seen[`after${pressed}`] = await shown();
}
seen.printed = await page.evaluate(() => globalThis.printed);

async function pixelsOf(picture) {
  const other = await browser.newPage();
  const pixels = await other.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const brush = canvas.getContext("2d");
    brush.drawImage(image, 0, 0);
    const { data: all, width, height } = brush.getImageData(0, 0, image.width, image.height);
    return { data: [...all], width, height };
  }, picture);
  await other.close();
  await page.bringToFront();
  return pixels;
}

const labels = () =>
  page.$$eval("#place form label", (all) => all.map((one) => [one.textContent, `#${one.htmlFor}`]));
const fill = async (answers) => {
  for (const [at, [, field]] of (await labels()).entries()) {
    await page.$eval(field, (one) => (one.value = ""));
    await type(page, field, answers[at]);
  }
};
const placeOf = (label) => Number(label.match(/[0-9]+/)[0]) - 1;

await press(page, "I have written them down");
seen.asking = { ...(await shown()), ...(await state(page)) };
seen.axe.asking = await violations(page);
seen.asked = (await labels()).map(([label]) => label);
seen.fields = await page.$$eval("#place form input", (all) =>
  all.map((one) =>
    Object.fromEntries([...one.attributes].map(({ name, value }) => [name, value])),
  ),
);
const right = (await labels()).map(([label]) => [task.words, task.numbers].map((all) => all[placeOf(label)]));

// Nothing, then only the first right, by Enter in the field.
await press(page, "Check");
seen.empty = await shown();
await fill([right[0][0], "wrong"]);
await page.keyboard.press("Enter");
seen.wrong = await shown();
seen.axe.wrong = await violations(page);
await press(page, "Look at the words again");
seen.again = { ...(await shown()), ...(await state(page)) };
seen.before = await page.evaluate(() => globalThis.seen.confirmed);
await press(page, "I have written them down");
// The first in capitals without accents, the second by its number.
await fill([right[0][0].normalize("NFD").replace(/\p{M}/gu, "").toUpperCase(), right[1][1]]);
await page.keyboard.press("Enter");
seen.right = { ...(await shown()), ...(await state(page)) };
seen.confirmed = await page.evaluate(() => globalThis.seen.confirmed);
seen.axe.right = await violations(page);
seen.url = page.url() === task.url;

// Two of ten, each time others.
seen.pairs = [];
for (let time = 0; time < 12; time += 1) {
  await page.reload();
  await page.waitForSelector("html[data-ready=yes]");
  await press(page, "I have written them down");
  seen.pairs.push((await labels()).map(([label]) => placeOf(label)));
}
seen.problems = problems;
await browser.close();
process.stdout.write(JSON.stringify(seen));
