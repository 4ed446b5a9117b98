// Shows one module, and notes what it did where the driver looks.
import { guard } from "../../intake/browser/page/leave.ts";
import { changePitch } from "../../intake/browser/page/pitch.ts";
import { receipt } from "../../intake/browser/page/receipt.ts";
import { canRecord, recorder } from "../../intake/browser/page/recorder.ts";

const place = document.querySelector("#place");
const seen = { files: [], failures: [], tracks: [], addresses: [], confirmed: false };
globalThis.seen = seen;
globalThis.changePitch = changePitch;

const RECORDER = {
  record: "Record",
  pause: "Pause",
  goOn: "Go on",
  stop: "Stop",
  listen: "What you recorded",
  change: "Change my voice",
  use: "Use this",
  discard: "Discard it",
  asking: "Your browser asks whether this page may use the microphone.",
  recording: "Recording.",
  paused: "Paused.",
  recorded: "Recorded. Listen to it before you use it.",
  full: "The time is over. What you said until now is here.",
  changing: "Changing your voice.",
  changed: "Your voice is changed. Listen to it before you use it.",
  unchanged: "Your voice could not be changed. This is the recording as it was.",
  used: "Added to your report.",
  discarded: "Discarded.",
  denied: "The browser does not let this page use the microphone.",
  missing: "There is no microphone.",
  failed: "Recording did not work.",
};
const RECEIPT = {
  print: "Print the words",
  paper: "Words",
  code: "Code of the ten numbers",
  noted: "I have written them down",
  ask: "To be sure, type two of your words or their numbers.",
  place: "Word number %(number)s",
  check: "Check",
  again: "Look at the words again",
  wrong: "This is not the word at this place.",
  right: "These are right.",
};

// What stays on after it should be off, and what stays in memory.
function watch() {
  const media = navigator.mediaDevices;
  const ask = media.getUserMedia.bind(media);
  media.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    seen.tracks.push(...stream.getTracks());
    return stream;
  };
  const [create, revoke] = [URL.createObjectURL, URL.revokeObjectURL];
  URL.createObjectURL = (blob) => {
    seen.addresses.push(create.call(URL, blob));
    return seen.addresses[seen.addresses.length - 1];
  };
  URL.revokeObjectURL = (address) => {
    seen.addresses = seen.addresses.filter((one) => one !== address);
    revoke.call(URL, address);
  };
}

const parts = {
  able() {
    seen.canRecord = canRecord();
  },
  recorder(limit) {
    watch();
    seen.canRecord = canRecord();
    const done = (file) => seen.files.push(file);
    seen.recorder = recorder(place, RECORDER, done, (code) => seen.failures.push(code), limit);
  },
  leave(problem) {
    guard(document.documentElement.dataset.leave, () => {
      const looks = [];
      const note = () => {
        looks.push([document.title, document.body.innerHTML]);
        sessionStorage.setItem("looks", JSON.stringify(looks));
      };
      sessionStorage.setItem("blank", String(performance.timeOrigin + performance.now()));
      note();
      setInterval(note, 100);
      if (problem) throw new Error("what was to stop did not");
    });
    window.addEventListener("beforeunload", (event) => {
      event.preventDefault();
      event.returnValue = "unsent";
    });
  },
  receipt() {
    const items = [...document.querySelectorAll(".words li")];
    const words = items.map((one) => [...one.children].map((part) => part.textContent));
    receipt(place, words, RECEIPT).confirmed.then(() => (seen.confirmed = true));
  },
};

const [part, option] = document.documentElement.dataset.part.split("=");
parts[part]?.(option && Number(option));
document.documentElement.dataset.ready = "yes";
