// Walks through the pages that the script makes, by keyboard alone, and looks at each state.
import { Looker } from "./accessible-look.mjs";
import { type } from "./chromium.mjs";

export const FLAGS = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

// Runs before the page's script: holds the microphone, the Workers and the printer at will, and
// notes what a screen reader would say.
function rig() {
  const rigged = { microphone: "given", fail: null, hold: null, spoken: [], files: new Map() };
  globalThis.rigged = rigged;
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wish) =>
    ({
      given: () => real(wish),
      asked: () => new Promise((_, refuse) => (rigged.refuse = refuse)),
    })[rigged.microphone]();
  globalThis.print = () => {};
  const Real = globalThis.Worker;
  globalThis.Worker = class extends Real {
    postMessage(order) {
      const tell = (data) => this.onmessage({ data });
      if (order.name && order.name === rigged.fail) {
        setTimeout(() => tell({ id: order.id, failed: "line" }), 20);
      } else if (order.name && order.name === rigged.hold) {
        rigged.release = () => super.postMessage(order);
      } else if (order.do === "take" && order.name.startsWith("held ")) {
        rigged.files.set(order.name, (news) => tell({ id: order.id, ...news }));
      } else {
        super.postMessage(order);
      }
    }
  };
  const LIVE = "[role=status], [role=alert], [role=timer], [aria-live]";
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver((changes) => {
      for (const { target, type } of changes) {
        const place = (target.nodeType === 1 ? target : target.parentElement)?.closest(LIVE);
        const isBusy = place?.closest("[aria-busy=true]");
        const isOff = place?.getAttribute("aria-live") === "off" || place?.closest("[hidden]");
        if (place && !isOff && !isBusy && type !== "attributes" && place.textContent) {
          rigged.spoken.push(place.textContent);
        }
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

const WAIT = { timeout: 15000 };

class Walk {
  steps = [];
  isSentByEnter = [];
  isNext = [];
  spoken = {};
  keyboard = {};

  constructor(page, looker, task) {
    Object.assign(this, { page, looker, task });
  }

  // By keyboard; that Tab reaches it is looked at on each kind of page.
  async press(selector, key = "Enter") {
    await this.page.focus(selector);
    await this.page.keyboard.press(key);
  }

  async see(name, selector, part = null) {
    await this.page.waitForSelector(selector, WAIT);
    await this.looker.look(name, part);
    this.note(name);
  }

  // Notes where the focus is.
  async note(name) {
    const focus = await this.page.evaluate(() => {
      const one = document.activeElement;
      return `${one.tagName} ${one.id || one.className || one.name || ""}`.trim();
    });
    this.steps.push({ ...this.looker.where, name, focus });
  }

  // Calls the news of a file that the rig holds.
  tell(name, ...news) {
    return this.page.evaluate(
      async (file, all) => {
        for (const one of all) {
          globalThis.rigged.files.get(file)(one);
          await new Promise((done) => setTimeout(done, 5));
        }
      },
      name,
      news,
    );
  }

  rig(change) {
    return this.page.evaluate((values) => Object.assign(globalThis.rigged, values), change);
  }

  // What is said while something is done.
  async listen(name, act) {
    await this.rig({ spoken: [] });
    await act();
    this.spoken[name] = await this.page.evaluate(() => globalThis.rigged.spoken);
  }

  async tab(name) {
    if (this.looker.where.width === 320) {
      this.keyboard[name] = await this.looker.tabs();
    }
  }
}

const VOICE = "#voice";
const shown = (text) => `${VOICE} div:not([hidden]) > button${text}`;
const NEXT = "form[data-group=report] > button";
const SEND = "[name=do][value=send]";
const GROUP = (name) => `[data-more] [data-group=${name}]`;

async function form(walk) {
  const { page, task } = walk;
  await page.goto(`${task.url}/${task.language}/`);
  await page.waitForSelector("[data-when=script]:not([hidden])", WAIT);
  await walk.see("form ready", `${VOICE} button`);
  await walk.tab("form ready");
  await walk.press(NEXT);
  await walk.see("form with problems", ".alert li");
  await walk.rig({ microphone: "asked" });
  await walk.press(shown(""));
  await walk.see("microphone asked", `${VOICE} [role=status]:not(:empty)`, VOICE);
  await page.evaluate(() => globalThis.rigged.refuse(new DOMException("", "NotAllowedError")));
  await walk.see("microphone refused", `${VOICE} [role=status]:not(:empty)`, VOICE);
  await walk.rig({ microphone: "given" });
  await walk.press(shown(""));
  await walk.see("recording", "[role=timer]", VOICE);
  await new Promise((done) => setTimeout(done, 1200));
  await walk.press(shown(".plain"));
  await walk.see("paused", "[role=timer]", VOICE);
  await walk.press(shown(":not(.plain)"));
  await page.waitForSelector(`${VOICE} audio[src]`, WAIT);
  await walk.see("recorded", `${VOICE} audio[src]`, VOICE);
  await walk.press(`${VOICE} .choices input`, "Space");
  await page.waitForFunction(() => document.querySelector("#voice audio[src] ~ button:enabled"), WAIT);
  await walk.see("voice changed", `${VOICE} audio[src]`, VOICE);
  await walk.press(shown(":not(.plain)"));
  const arrived = () => document.querySelector(".files li") && !document.querySelector(".files progress");
  await page.waitForFunction(arrived, WAIT);
  await walk.see("voice used", ".files li");
  const input = await page.$(`${VOICE} [name=new]`);
  await input.uploadFile(task.photo);
  await page.waitForFunction(() => document.querySelectorAll(".files li").length === 2, WAIT);
  await page.waitForFunction(arrived, WAIT);
}

async function report(walk) {
  const { page } = walk;
  await type(page, "#account", "They took us off the bus at the bridge. ".repeat(9));
  await type(page, "#place", "Nuevolaredo".repeat(20));
  await walk.press("[name=agency][value=cbp]", "Space");
  await walk.press("[name=child][value=yes]", "Space");
  await walk.press(NEXT);
  await walk.see("review", ".words li");
  await walk.tab("review");
  await walk.press("[name=office]:checked", "Space");
  await walk.press("main form > button");
  await walk.see("no office", "main form > [role=alert]");
  for (const office of ["investigators", "children", "dhs-oig"]) {
    await walk.press(`[name=office][value=${office}]`, "Space");
  }
  await walk.rig({ fail: "file" });
  await walk.press("main form > button");
  await page.waitForFunction(() => !document.querySelector("[data-busy]"), WAIT);
  await walk.see("line broken", "main form > [role=alert]:not(:empty)");
  await walk.rig({ fail: null, hold: "file" });
  await walk.listen("sending", async () => {
    await walk.press("main form > button");
    await page.waitForFunction(() => globalThis.rigged.release, WAIT);
  });
  await walk.see("sending", "main form > [role=status]:not(:empty)");
  await walk.rig({ hold: null });
  await page.evaluate(() => globalThis.rigged.release());
  await walk.see("received", "[data-receipt] button");
  await walk.tab("received");
}

async function paper(walk) {
  const { page } = walk;
  await walk.press("[data-receipt] > button");
  await walk.session.send("Emulation.setEmulatedMedia", { media: "print" });
  walk.printed = await page.evaluate(() => document.body.innerText.split("\n"));
  if (walk.task.pictures) {
    const { language, width } = walk.looker.where;
    await page.screenshot({ path: `${walk.task.pictures}/script-paper-${language}-${width}.png` });
  }
  await walk.session.send("Emulation.setEmulatedMedia", { media: "" });
  walk.noted = await page.$$eval(".words li", (all) => all.map((one) => one.innerText));
  await page.evaluate(() => globalThis.dispatchEvent(new Event("afterprint")));
  const words = await page.$$eval(".words b", (all) => all.map((one) => one.textContent));
  await walk.press("[data-receipt] > button.plain");
  await walk.see("words asked", "[data-receipt] form:not([hidden]) input");
  await walk.press("[data-receipt] form > button");
  await walk.see("words wrong", "[data-receipt] .error:not([hidden])", ".receipt");
  for (const field of await page.$$("[data-receipt] input")) {
    const place = await field.evaluate((one) => Number(one.id.replace("asked-", "")));
    await field.type(words[place - 1]);
  }
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => !document.querySelector("[data-receipt] form"), WAIT);
  await walk.see("words right", "[data-receipt]", ".receipt");
}

async function groups(walk) {
  const { page } = walk;
  await walk.press(GROUP("persons"));
  await page.waitForSelector("[data-person]", WAIT);
  await type(page, '[name="person-0-alias"]', "Ana");
  await page.keyboard.press("Enter");
  walk.isSentByEnter.push((await page.$("[data-busy]")) !== null);
  await walk.press("[name=do][value=more]");
  await walk.see("two persons", "[data-person] ~ [data-person]");
  await walk.tab("two persons");
  await walk.press("[data-person] ~ [data-person] [data-drop]");
  await walk.note("person removed");
  await walk.press("[name=office]:checked", "Space");
  await walk.press(SEND);
  await walk.see("persons to nobody", "[data-group=persons] > [role=alert]");
  await walk.press("[name=office][value=children]", "Space");
  await walk.press(SEND);
  await walk.see("added", "[data-more] .done:not(:empty)");
  await walk.press(GROUP("consent"));
  await walk.see("consent", "[data-own]");
  await walk.press("[data-do=back]");
  await page.waitForSelector(GROUP("consent"), WAIT);
  await walk.note("back without sending");
  await walk.press(GROUP("detained"));
  await page.waitForSelector("[name=custody]", WAIT);
  await walk.press("[name=custody][value=yes]", "Space");
  await walk.press("[name=agency][value=ice]", "Space");
  await page.select("[name=region]", "us-border");
  await walk.press(SEND);
  await walk.see("offices joining", "[name=joining]");
  await walk.press("[data-do=back]");
}

const FOUND = ["position", "camera", "serial", "taken", "software", "author", "owner", "comment"].map(
  (code) => ({ code, value: `${code} 31.7619, -106.4850 `.repeat(3) }),
);
const seen = (all = {}) => ({ event: "seen", type: "image/jpeg", found: [], warning: "", copied: false, ...all });
const many = Array.from({ length: 60 }, (_, n) => ({ code: "other", value: `XMP:Entry${n}` }));

async function evidence(walk) {
  const { page } = walk;
  await page.waitForSelector(GROUP("evidence"), WAIT);
  await walk.press(GROUP("evidence"));
  await page.waitForSelector("#files [name=new]", WAIT);
  const input = await page.$("#files [name=new]");
  await input.uploadFile(...walk.task.held);
  await page.waitForFunction((all) => globalThis.rigged.files.size === all, WAIT, walk.task.held.length);
  const names = walk.task.held.map((path) => path.split("/").pop());
  const [looked, going, waiting, telling, warned, arrived, full, large] = names;
  await walk.tell(going, seen());
  await walk.listen("progress", () =>
    walk.tell(going, ...Array.from({ length: 42 }, (_, n) => ({ event: "progress", sent: n, size: 100 }))),
  );
  await walk.tell(waiting, seen(), { event: "progress", sent: 3, size: 9 }, { event: "waiting" });
  await walk.tell(telling, seen({ found: [...FOUND, ...many], copied: true }));
  await walk.tell(warned, seen({ found: FOUND.slice(0, 1), warning: "document" }));
  // Whoever is about to leave a file out stays there while news of it come.
  await page.focus(`.files li:nth-child(${names.indexOf(arrived) + 1}) button`);
  const files = [{ digest: "", id: "", key: "", length: 1, name: arrived, of: "", type: "image/jpeg" }];
  await walk.listen("arrived", () => walk.tell(arrived, seen(), { event: "whole", files }));
  await walk.note("file arrived");
  await walk.tell(full, seen(), { event: "failed", code: "full" });
  await walk.tell(large, { event: "failed", code: "too_large" });
  await walk.see("files in every state", ".files progress");
  await walk.tab("files in every state");
  await walk.press(`.files li:nth-child(${names.indexOf(looked) + 1}) button`);
  await walk.note("first file removed");
  const here = await page.evaluate(() => document.activeElement.textContent);
  walk.isNext.push(here.includes(going));
  for (let left = names.length - 1; left > 0; left -= 1) {
    await walk.press(".files li:last-child button:last-child");
  }
  await walk.note("last file removed");
}

// Returns what was found, where the focus was, what was said, what the console holds.
export async function walkScripted(browser, task) {
  const page = await browser.newPage();
  const session = await page.createCDPSession();
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.evaluateOnNewDocument(rig);
  const looker = new Looker(page, session, true, task.pictures);
  const walk = new Walk(page, looker, task);
  walk.session = session;
  page.on("dialog", (dialog) => dialog.accept());
  for (const width of task.widths) {
    looker.where = { language: task.language, width };
    await page.setViewport({ width, height: 700, deviceScaleFactor: 1 });
    for (const stage of [form, report, paper, groups, evidence]) {
      await stage(walk).catch(async (error) => {
        const main = await page.$eval("main", (one) => one.innerText);
        throw new Error(`${stage.name} ${width}: ${error.stack}\n${main}`);
      });
    }
  }
  const { steps, spoken, keyboard, printed, noted, isSentByEnter, isNext } = walk;
  const kept = { steps, spoken, keyboard, printed, noted, isSentByEnter, isNext, complaints };
  return { found: looker.found, ...kept };
}
