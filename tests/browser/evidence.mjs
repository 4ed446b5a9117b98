// Opens pages of files in the web desk, and tells what ran, what was asked for, and what played.
// Reads one JSON task from standard input, writes one JSON object.
import { readFileSync } from "node:fs";
import { chromium } from "./chromium.mjs";

const QUIET = 150;
// Milliseconds after a page has loaded in which what would run has run.

const task = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium(task.profile, ["--autoplay-policy=no-user-gesture-required"]);
const page = (await browser.pages())[0];
const seen = { dialogs: [], foreign: [], popups: 0, opened: [] };
const origin = task.enter ? new URL(task.enter).origin : "";

page.on("dialog", async (dialog) => {
  seen.dialogs.push(dialog.message());
  await dialog.dismiss();
});
page.on("request", (request) => {
  const url = request.url();
  if (!url.startsWith(`${origin}/`) && !/^(data|about|blob):/.test(url)) seen.foreign.push(url);
});
browser.on("targetcreated", (target) => {
  if (target.type() === "page") seen.popups += 1;
});
const downloads = await browser.target().createCDPSession();
await downloads.send("Browser.setDownloadBehavior", { behavior: "deny" });

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function open(path) {
  const address = `${origin}${path}`;
  let failed = "";
  try {
    await page.goto(address, { waitUntil: "load" });
  } catch (error) {
    failed = error.message; // a download is no page
  }
  await wait(QUIET);
  const pwned = [];
  for (const frame of page.frames()) {
    pwned.push(await frame.evaluate(() => window.pwned ?? null).catch(() => null));
  }
  const found = failed
    ? {}
    : await page.evaluate(() => ({
        status: performance.getEntriesByType("navigation")[0]?.responseStatus,
        frame: document.querySelector("iframe")?.getAttribute("src") ?? "",
        picture: document.querySelector("img.picture")?.naturalWidth ?? -1,
        drawn: document.querySelector("img.picture")?.getAttribute("src") ?? "",
        text: document.querySelector("pre")?.textContent.length ?? -1,
        elements: document.querySelectorAll("pre *, h1 bdi *").length,
      }));
  return { path, url: page.url(), failed, pwned, frames: page.frames().length, ...found };
}

// A film of two seconds, recorded from what a page draws: no file is at hand.
async function film() {
  return page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    canvas.width = 64;
    canvas.height = 48;
    const pen = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
    const pieces = [];
    recorder.ondataavailable = (event) => pieces.push(event.data);
    const ended = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    const began = performance.now();
    while (performance.now() - began < 2000) {
      pen.fillStyle = `hsl(${performance.now() / 5} 90% 50%)`;
      pen.fillRect(0, 0, 64, 48);
      await new Promise(requestAnimationFrame);
    }
    recorder.stop();
    await ended;
    const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
    return btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""));
  });
}

// Plays what the frame of a page holds, and seeks to a second. Nothing that waits works in there,
// no listener, no promise, no timer: it is looked at from here, again and again.
async function play(path, second) {
  const answers = [];
  page.on("response", (response) => {
    if (response.url().includes("/play/")) {
      answers.push([response.status(), response.headers()["content-range"] ?? ""]);
    }
  });
  await page.goto(`${origin}${path}`, { waitUntil: "load" });
  const frame = page.frames().find((one) => one !== page.mainFrame());
  const look = () =>
    frame.evaluate(() => {
      const media = document.querySelector("audio, video");
      const { currentTime, readyState, seeking, duration, videoWidth } = media;
      const error = media.error?.message ?? "";
      return { currentTime, readyState, seeking, duration, videoWidth, error };
    });
  const until = async (is) => {
    for (let tries = 0; tries < 100; tries += 1) {
      const state = await look();
      if (state.error || is(state)) return state;
      await wait(100);
    }
    return { ...(await look()), error: "nothing came of it" };
  };
  const first = await until((state) => state.readyState >= 1);
  if (first.error) return { error: first.error, answers };
  await frame.evaluate((to) => {
    document.querySelector("audio, video").currentTime = to;
  }, second);
  const sought = await until((state) => !state.seeking && state.readyState >= 2);
  await frame.evaluate(() => {
    document.querySelector("audio, video").play();
  });
  const moved = await until((state) => state.currentTime > sought.currentTime + 0.3);
  const rights = await frame.evaluate(() => {
    const tried = (act) => {
      try {
        return act();
      } catch (error) {
        return error.name;
      }
    };
    return {
      parent: tried(() => window.parent.document.title),
      cookie: tried(() => document.cookie),
      storage: tried(() => localStorage.length),
      line: tried(() => {
        const asked = new XMLHttpRequest();
        asked.open("GET", location.href, false);
        asked.send();
        return asked.status;
      }),
      origin: window.origin,
    };
  });
  return {
    error: sought.error || moved.error,
    duration: first.duration,
    began: sought.currentTime,
    moved: moved.currentTime - sought.currentTime,
    wide: moved.videoWidth ?? 0,
    rights,
    answers,
  };
}

try {
  if (task.enter) await page.goto(task.enter);
  if (task.film) seen.film = await film();
  for (const path of task.pages ?? []) {
    const one = await open(path);
    seen.opened.push(one);
    for (const part of [one.frame, one.frame?.replace("/frame/", "/play/"), one.drawn]) {
      if (part) seen.opened.push(await open(part));
    }
  }
  if (task.play) seen.played = await play(task.play, task.second);
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(seen));
