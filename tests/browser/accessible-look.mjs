// Looks at a page as axe, a ruler and the Tab key do.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

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

// What stands on a ground of its own and has no edge: in forced colours it would not be seen.
const edgeless = () => {
  const ground = getComputedStyle(document.body).backgroundColor;
  return [...document.querySelectorAll("main *")]
    .filter((one) => one.getClientRects().length > 0 && one.closest(".paper") === null)
    .filter((one) => {
      const { backgroundColor, borderTopWidth, borderLeftWidth, appearance } = getComputedStyle(one);
      const isBare = [ground, "rgba(0, 0, 0, 0)"].includes(backgroundColor);
      const isPlain = appearance === "none" || !/INPUT|SELECT|PROGRESS|AUDIO|TEXTAREA/.test(one.tagName);
      return !isBare && isPlain && (parseFloat(borderTopWidth) || parseFloat(borderLeftWidth)) === 0;
    })
    .map((one) => one.outerHTML.slice(0, 120));
};

// What is marked as hidden and is there all the same.
const unhidden = () =>
  [...document.querySelectorAll("[hidden]")]
    .filter((one) => one.getClientRects().length > 0)
    .map((one) => one.outerHTML.slice(0, 120));

// Buttons that look like the one thing to do next.
const urged = () =>
  [...document.querySelectorAll("main button")]
    .filter((one) => one.getClientRects().length > 0 && !one.disabled)
    .filter((one) => getComputedStyle(one).backgroundColor === getComputedStyle(one).borderTopColor)
    .map((one) => one.textContent);

// One page of the browser and what was found on it. Where `isScripted` is false, script is on only
// while axe looks: it waits for timers, which need it.
export class Looker {
  found = [];
  where = {};

  constructor(page, session, isScripted, pictures) {
    Object.assign(this, { page, session, isScripted, pictures });
  }

  media(media) {
    const features = Object.entries(media).map(([name, value]) => ({ name, value }));
    return this.session.send("Emulation.setEmulatedMedia", { features });
  }

  async violations(media, part, rules) {
    await this.media(media);
    return this.page.evaluate(
      async (place, values, type) => {
        const rules = type === "tag" ? { "target-size": { enabled: true } } : {};
        const options = { preload: false, runOnly: { type, values }, rules };
        const result = await globalThis.axe.run(place ?? document, options);
        return result.violations.flatMap((one) =>
          one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 120)}`),
        );
      },
      part,
      rules ?? TAGS,
      rules ? "rule" : "tag",
    );
  }

  wide() {
    return this.page.evaluate(() => document.documentElement.scrollWidth);
  }

  // Looks at the whole page, or at the part of a selector where only that has changed.
  async look(name, part = null) {
    const { page } = this;
    const width = page.viewport().width;
    const seen = { ...this.where, name, isScripted: this.isScripted, scroll: await this.wide() };
    seen.small = await page.evaluate(tooSmall);
    seen.edgeless = await page.evaluate(edgeless);
    seen.unhidden = await page.evaluate(unhidden);
    seen.urged = await page.evaluate(urged);
    seen.title = await page.title();
    seen.lang = await page.evaluate(() => `${document.documentElement.lang} ${document.dir}`);
    await page.setJavaScriptEnabled(true);
    if (!(await page.evaluate(() => "axe" in globalThis))) {
      await page.evaluate(axe);
    }
    seen.light = await this.violations({ "prefers-color-scheme": "light" }, part);
    seen.dark = await this.violations({ "prefers-color-scheme": "dark" }, part, ["color-contrast"]);
    if (width === 320) {
      const forced = { "forced-colors": "active", "prefers-reduced-motion": "reduce" };
      seen.forced = await this.violations(forced, part);
      await page.setViewport({ width: 640, height: 700 });
      await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
      seen.large = await this.wide();
      await page.evaluate(() => (document.documentElement.style.fontSize = ""));
      await page.setViewport({ width, height: 700 });
    }
    await this.picture(name);
    await this.media({});
    await page.setJavaScriptEnabled(this.isScripted);
    this.found.push(seen);
  }

  async picture(name) {
    const { language, width } = this.where;
    const looks = {
      light: { "prefers-color-scheme": "light" },
      dark: { "prefers-color-scheme": "dark" },
      forced: { "forced-colors": "active" },
    };
    for (const [scheme, media] of Object.entries(this.pictures ? looks : {})) {
      await this.media(media);
      const kind = this.isScripted ? "script" : "plain";
      const file = `${kind}-${name}-${language}-${width}-${scheme}.png`.replaceAll(" ", "_");
      await this.page.screenshot({ path: join(this.pictures, file), fullPage: true });
    }
  }

  // Where the Tab key goes on the page, until it has been everywhere.
  async tabs() {
    const { page } = this;
    await page.evaluate(() => {
      // A radio group is one stop, under its name.
      globalThis.key = (one) =>
        one.type === "radio"
          ? one.name
          : one.href || one.id || `${one.name}=${one.value} ${one.textContent.slice(0, 80)}`;
      // From the first: where the focus was last, Tab would go on.
      const start = document.createElement("i");
      start.tabIndex = -1;
      document.body.prepend(start);
      start.focus();
      start.remove();
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
}
