// Records with the browser's own false microphone, by the keyboard: a beep every second.
import { media, open, pause, press, state, violations } from "./look.mjs";

const { task, browser, page, problems } = await open();
const seen = { axe: {}, states: {} };
const note = async (name) => {
  seen.states[name] = await state(page);
  seen.axe[name] = await violations(page);
  if (task.pictures) await page.screenshot({ path: `${task.pictures}/${name}.png` });
};
const said = (text) =>
  page.waitForFunction(
    (wanted) => document.querySelector("[role=status]").textContent.startsWith(wanted),
    { timeout: 30000 },
    text,
  );
const live = () => page.evaluate(() => seen.tracks.filter((one) => one.readyState === "live").length);
const addresses = () => page.evaluate(() => seen.addresses.length);
const timer = () => page.$eval("[role=timer]", (one) => [one.textContent, one.getAttribute("aria-live")]);
const last = () =>
  page.evaluate(async () => {
    const { files } = globalThis.seen;
    const file = files[files.length - 1];
    const bytes = new Uint8Array(await file.slice(0, 12).arrayBuffer());
    const sound = await new OfflineAudioContext(1, 1, 24000).decodeAudioData(await file.arrayBuffer());
    return {
      count: files.length,
      name: file.name,
      type: file.type,
      date: file.lastModified,
      size: file.size,
      head: String.fromCharCode(...bytes),
      seconds: sound.duration,
      loudest: sound.getChannelData(0).reduce((most, one) => Math.max(most, Math.abs(one)), 0),
    };
  });

/** What the player says; it knows once it has read the head of the file. */
async function length() {
  await page.waitForFunction(() => Number.isFinite(document.querySelector("audio").duration));
  return page.$eval("audio", (one) => one.duration);
}

async function whole() {
  await note("first");
  await press(page, "Record");
  await said("Recording.");
  seen.live = [await live()];
  await note("recording");
  await pause(2000);
  await press(page, "Stop");
  seen.live.push(await live());
  await said("Recorded.");
  await note("recorded");
  seen.heard = await page.evaluate(async () => {
    const audio = document.querySelector("audio");
    const { duration } = audio;
    const offers = audio.controlsList.value;
    audio.muted = true;
    await audio.play();
    await new Promise((resolve) => (audio.onended = resolve));
    return { duration, offers, error: audio.error };
  });
  seen.addresses = [await addresses()];
  await press(page, "Discard it");
  await note("discarded");
  seen.addresses.push(await addresses());

  // Again, with a pause that does not count.
  await press(page, "Record");
  await said("Recording.");
  await pause(1200);
  await press(page, "Pause");
  await note("paused");
  const held = await timer();
  await pause(1500);
  seen.held = [held, await timer()];
  await press(page, "Go on");
  await said("Recording.");
  await pause(1000);
  await press(page, "Stop");
  await said("Recorded.");

  // Changed, as it was, and changed again: the same other voice both times.
  await page.focus("#place input");
  // In one step, or the voice may be made by the time anybody looks.
  seen.hurried = await page.evaluate(() => {
    document.querySelector("#place input").click();
    const buttons = [...document.querySelectorAll("#place button")];
    return buttons.find((one) => one.textContent === "Use this").disabled;
  });
  await said("Your voice is changed.");
  await note("changed");
  const first = await length();
  await page.keyboard.press("Space");
  await said("Recorded.");
  await page.keyboard.press("Space");
  await said("Your voice is changed.");
  seen.durations = [first, await length()];
  await press(page, "Use this");
  await note("used");
  seen.changed = await last();
  seen.addresses.push(await addresses());

  // As it was; the choice to change is off again.
  await press(page, "Record");
  await said("Recording.");
  await pause(1200);
  await press(page, "Stop");
  await said("Recorded.");
  seen.checked = await page.$eval("#place input", (one) => one.checked);
  await press(page, "Use this");
  seen.plain = await last();

  // What cannot be changed is not handed over unless she says so again.
  await page.evaluate(() => {
    OfflineAudioContext.prototype.decodeAudioData = () => Promise.reject(new Error("broken"));
  });
  await press(page, "Record");
  await said("Recording.");
  await pause(1200);
  await press(page, "Stop");
  await said("Recorded.");
  await page.click("#place input");
  await said("Your voice could not be changed.");
  await note("unchanged");
  seen.unchanged = await page.evaluate(() => ({
    checked: document.querySelector("#place input").checked,
    files: globalThis.seen.files.length,
  }));

  // Closed in the middle: nothing is on, kept or shown.
  await press(page, "Discard it");
  await press(page, "Record");
  await said("Recording.");
  await page.evaluate(() => globalThis.seen.recorder.close());
  await pause(500);
  seen.closed = {
    live: await live(),
    addresses: await addresses(),
    files: await page.evaluate(() => globalThis.seen.files.length),
    place: await page.$eval("#place", (one) => one.childNodes.length),
  };
}

// Closed while the browser asks: what it grants afterwards is turned off at once.
async function closed() {
  await page.evaluate(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia;
    mediaDevices.getUserMedia = async (wanted) => {
      await new Promise((resolve) => (globalThis.grant = resolve));
      return ask(wanted);
    };
  });
  await press(page, "Record");
  await press(page, "Record");
  await page.evaluate(() => globalThis.seen.recorder.close());
  await page.evaluate(() => globalThis.grant());
  await page.waitForFunction(() => globalThis.seen.tracks.length > 0);
  await pause(200);
  seen.asked = await page.evaluate(() => globalThis.seen.tracks.length);
  seen.live = await live();
  seen.failures = await page.evaluate(() => globalThis.seen.failures);
}

async function full() {
  await press(page, "Record");
  await said("Recording.");
  await page.focus("#account");
  await said("The time is over.");
  await note("full");
  await press(page, "Use this");
  seen.file = await last();
}

async function elapsed() {
  await press(page, "Record");
  await said("Recording.");
  seen.polite = [];
  while (seen.polite.length < 12) {
    const [text, isLive] = await timer();
    if (seen.polite[seen.polite.length - 1]?.[0] !== text) seen.polite.push([text, isLive]);
    await pause(50);
  }
}

async function refused() {
  await press(page, "Record");
  await page.waitForFunction(() => globalThis.seen.failures.length > 0);
  await note("refused");
  seen.failures = await page.evaluate(() => globalThis.seen.failures);
  seen.live = await live();
}

async function unable() {
  await page.evaluateOnNewDocument((code) => {
    if (code === "no recorder") delete globalThis.MediaRecorder;
    if (code === "no type") MediaRecorder.isTypeSupported = () => false;
    if (code === "no devices") Object.defineProperty(navigator, "mediaDevices", { value: undefined });
  }, task.lacks);
  await page.goto(task.url.replace("recorder", "able"));
  await page.waitForSelector("html[data-ready=yes]");
}

const acts = { whole, closed, full, elapsed, refused, unable };
await acts[task.act]();
seen.canRecord = await page.evaluate(() => globalThis.seen.canRecord);
seen.problems = problems;
await media(page);
await browser.close();
process.stdout.write(JSON.stringify(seen));
