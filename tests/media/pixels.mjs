// Shows every file of a folder in Chromium, turned as its orientation says, and prints the size
// and the points of each as JSON.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "../browser/chromium.mjs";

async function shown(data) {
  const blob = await (await fetch(`data:application/octet-stream;base64,${data}`)).blob();
  const picture = await createImageBitmap(blob, { imageOrientation: "from-image" });
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const { data: points } = context.getImageData(0, 0, picture.width, picture.height);
  return { width: picture.width, height: picture.height, points: [...points] };
}

const folder = process.argv[2];
const profile = mkdtempSync(join(tmpdir(), "media-"));
const browser = await chromium(profile);
try {
  const page = await browser.newPage();
  const all = {};
  for (const name of readdirSync(folder)) {
    all[name] = await page.evaluate(shown, readFileSync(join(folder, name)).toString("base64"));
  }
  console.log(JSON.stringify(all));
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
