/**
 * An account by voice: recorded, listened to, changed if wished, and only then handed over.
 *
 * Rules: the microphone is asked for when Record is pressed, and is off at once after Stop and
 * `close()`; what was recorded is only in memory, and gone with Discard; the file's name and
 * date say nothing; a voice that was to be changed is never handed over unchanged.
 */
import { button, element } from "./dom.ts";
import { canChangePitch, changePitch } from "./pitch.ts";

/** What the recorder shows, in the witness's language. */
export interface RecorderTexts {
  readonly record: string;
  readonly pause: string;
  readonly goOn: string;
  readonly stop: string;
  readonly listen: string;
  readonly change: string;
  readonly use: string;
  readonly discard: string;
  readonly asking: string;
  readonly recording: string;
  readonly paused: string;
  readonly recorded: string;
  /** The time was over, and what was said until then is there. */
  readonly full: string;
  readonly changing: string;
  readonly changed: string;
  readonly unchanged: string;
  readonly used: string;
  readonly discarded: string;
  readonly denied: string;
  readonly missing: string;
  readonly failed: string;
}

export interface Recorder {
  /** Turn the microphone off, forget what was recorded and remove what was built. */
  close(): void;
}

/** Why there is no recording: refused, no microphone, or anything else. */
export type Failure = "denied" | "missing" | "failed";

/** Half an hour, about 11 MB: what a phone holds in memory and a slow line still carries. */
const LIMIT_SECONDS = 30 * 60;
const SLICE_MS = 1000;
const TICK_MS = 200;
// A screen reader speaks into the recording.
const SAID_EVERY_SECONDS = 60;
// Clear speech in both formats.
const BITS_PER_SECOND = 48_000;
const TYPES = ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4"];
const NAMES: Readonly<Record<string, string>> = {
  "audio/webm": "voice.webm",
  "audio/mp4": "voice.m4a",
  "audio/wav": "voice.wav",
};
// Where a recording does not say how long it is, going to its end makes the browser find out.
const BEYOND_SECONDS = 1e6;

/** Whether this browser can record, as far as can be known without asking. */
export function canRecord(): boolean {
  return (
    typeof MediaRecorder !== "undefined" &&
    typeof navigator.mediaDevices?.getUserMedia === "function" &&
    type() !== undefined
  );
}

/**
 * Build a recorder in `place`; only where `canRecord()`.
 *
 * `done` gets each recording that is used, `failed` is told why there is none; the recorder has
 * then said so itself, and can be tried again.
 */
export function recorder(
  place: HTMLElement,
  texts: RecorderTexts,
  done: (file: File) => void,
  failed: (code: Failure) => void,
  limitSeconds = LIMIT_SECONDS,
): Recorder {
  return new Panel(place, texts, done, failed, limitSeconds);
}

function type(): string | undefined {
  return TYPES.find((name) => MediaRecorder.isTypeSupported(name));
}

// `private` and not `#`: for the oldest Firefox each of those becomes a WeakMap.

/** One recording while it is made. */
class Take {
  private readonly stream: MediaStream;
  private readonly recorder: MediaRecorder;
  private pieces: Blob[] = [];
  private before = 0;
  private since = performance.now();

  /** Start; `ended` gets the recording once, also where the microphone went away. */
  constructor(stream: MediaStream, ended: (voice: Blob) => void) {
    this.stream = stream;
    const mimeType = type() ?? "";
    const options = { mimeType, audioBitsPerSecond: BITS_PER_SECOND };
    this.recorder = new MediaRecorder(stream, options);
    this.recorder.ondataavailable = ({ data }) => this.pieces.push(data);
    this.recorder.onstop = () => {
      turnOff(stream);
      ended(new Blob(this.pieces, { type: mimeType.replace(/;.*/, "") }));
    };
    this.recorder.start(SLICE_MS);
  }

  get seconds(): number {
    const now = this.isPaused ? this.since : performance.now();
    return (this.before + now - this.since) / 1000;
  }

  get isPaused(): boolean {
    return this.recorder.state === "paused";
  }

  /** Pause, or go on. */
  turn(): void {
    if (this.isPaused) {
      this.recorder.resume();
    } else {
      this.before += performance.now() - this.since;
      this.recorder.pause();
    }
    this.since = performance.now();
  }

  stop(): void {
    if (this.recorder.state !== "inactive") this.recorder.stop();
    turnOff(this.stream);
  }

  /** Stop without a recording. */
  drop(): void {
    this.recorder.ondataavailable = null;
    this.recorder.onstop = null;
    this.stop();
    this.pieces = [];
  }
}

/** What is seen of it: three groups of controls, one of which is shown at a time. */
class Panel implements Recorder {
  private readonly texts: RecorderTexts;
  private readonly done: (file: File) => void;
  private readonly failed: (code: Failure) => void;
  private readonly limit: number;
  private readonly root = element("div");
  private readonly status = element("p");
  private readonly timer = element("p");
  private readonly record: HTMLButtonElement;
  private readonly pause: HTMLButtonElement;
  private readonly stop: HTMLButtonElement;
  private readonly use: HTMLButtonElement;
  private readonly audio = element("audio");
  private readonly change = element("input");
  private readonly groups: readonly HTMLElement[];

  private ticking = 0;
  /** Set while the browser asks; whoever comes back to another one is too late. */
  private asking: object | undefined;
  private take: Take | undefined;
  private voice: Blob | undefined;
  private changing: Promise<Blob> | undefined;
  private heard: Blob | undefined;

  constructor(
    place: HTMLElement,
    texts: RecorderTexts,
    done: (file: File) => void,
    failed: (code: Failure) => void,
    limit: number,
  ) {
    this.texts = texts;
    this.done = done;
    this.failed = failed;
    this.limit = limit;
    this.record = button(texts.record, () => void this.start());
    this.pause = button(texts.pause, () => this.turn(), "plain");
    this.stop = button(texts.stop, () => this.take?.stop());
    this.use = button(texts.use, () => this.hand());
    const discard = button(texts.discard, () => this.forget(texts.discarded), "plain");
    this.status.setAttribute("role", "status");
    this.timer.setAttribute("role", "timer");
    this.groups = [
      group(this.record),
      group(this.timer, this.pause, this.stop),
      group(this.audio, this.choice(), this.use, discard),
    ];
    this.audio.controls = true;
    // Else the player offers to save the voice on this device, or to play it on another.
    this.audio.setAttribute("controlslist", "nodownload noremoteplayback");
    this.audio.setAttribute("aria-label", texts.listen);
    this.audio.addEventListener("loadedmetadata", () => {
      if (this.audio.duration === Infinity) this.audio.currentTime = BEYOND_SECONDS;
    });
    this.audio.addEventListener("durationchange", () => {
      if (this.audio.currentTime > 0 && this.audio.paused) this.audio.currentTime = 0;
    });
    this.root.append(this.status, ...this.groups);
    this.show(0);
    place.append(this.root);
  }

  close(): void {
    this.asking = undefined;
    this.take?.drop();
    this.take = undefined;
    this.clear();
    this.root.remove();
  }

  private choice(): HTMLElement {
    this.change.type = "checkbox";
    this.change.autocomplete = "off";
    this.change.addEventListener("change", () => void this.choose());
    const label = element("label");
    label.append(this.change, element("span", this.texts.change));
    const choices = element("div");
    choices.className = "choices";
    choices.hidden = !canChangePitch();
    choices.append(label);
    return choices;
  }

  private say(text: string): void {
    this.status.textContent = text;
  }

  private show(shown: number): void {
    this.groups.forEach((one, at) => (one.hidden = at !== shown));
  }

  private async start(): Promise<void> {
    if (this.asking) return;
    const asking = {};
    this.asking = asking;
    this.say(this.texts.asking);
    let stream: MediaStream | undefined;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
      if (this.asking !== asking) return turnOff(stream);
      this.take = new Take(stream, (voice) => this.ended(voice));
    } catch (error) {
      if (stream) turnOff(stream);
      if (this.asking === asking) this.fail(failure(error));
      return;
    }
    this.asking = undefined;
    this.ticking = window.setInterval(() => this.tick(), TICK_MS);
    this.pause.textContent = this.texts.pause;
    this.timer.textContent = time(0);
    this.say(this.texts.recording);
    this.show(1);
    this.stop.focus();
  }

  private fail(code: Failure): void {
    this.asking = undefined;
    this.say(this.texts[code]);
    this.show(0);
    this.failed(code);
  }

  private tick(): void {
    const seconds = this.take?.seconds ?? 0;
    const said = time(seconds);
    if (said !== this.timer.textContent) {
      const isSaid = Math.floor(seconds) % SAID_EVERY_SECONDS === 0;
      this.timer.setAttribute("aria-live", isSaid ? "polite" : "off");
      this.timer.textContent = said;
    }
    if (seconds >= this.limit) this.take?.stop();
  }

  private turn(): void {
    if (!this.take) return;
    this.take.turn();
    const { isPaused } = this.take;
    this.pause.textContent = isPaused ? this.texts.goOn : this.texts.pause;
    this.say(isPaused ? this.texts.paused : this.texts.recording);
  }

  private ended(voice: Blob): void {
    const isFull = (this.take?.seconds ?? 0) >= this.limit;
    clearInterval(this.ticking);
    this.take = undefined;
    // Whoever writes elsewhere when the time is over goes on writing.
    const isHere = this.root.contains(document.activeElement);
    if (voice.size === 0) {
      this.fail("failed");
      if (isHere) this.record.focus();
      return;
    }
    this.voice = voice;
    this.hear(voice);
    this.say(isFull ? this.texts.full : this.texts.recorded);
    this.show(2);
    if (isHere || document.activeElement === document.body) this.audio.focus();
  }

  private hear(voice: Blob): void {
    this.silence();
    this.heard = voice;
    this.use.disabled = false;
    this.audio.src = URL.createObjectURL(voice);
  }

  private silence(): void {
    if (this.heard) URL.revokeObjectURL(this.audio.src);
    this.heard = undefined;
    this.use.disabled = true;
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  /** Listen to the voice that is chosen, after making it; changed once, however often chosen. */
  private async choose(): Promise<void> {
    const voice = this.voice;
    if (!voice) return;
    if (!this.change.checked) {
      this.hear(voice);
      return this.say(this.texts.recorded);
    }
    this.silence();
    this.say(this.texts.changing);
    let other: Blob | undefined;
    try {
      this.changing ??= changePitch(voice);
      other = await this.changing;
    } catch {
      other = undefined;
    }
    if (this.voice !== voice || !this.change.checked || this.heard) return;
    if (!other) {
      this.changing = undefined;
      this.change.checked = false;
    }
    this.hear(other ?? voice);
    this.say(other ? this.texts.changed : this.texts.unchanged);
  }

  private hand(): void {
    const voice = this.heard;
    if (!voice) return;
    const name = NAMES[voice.type] ?? "voice";
    // Without a date of its own, a file has the minute it was made.
    const file = new File([voice], name, { type: voice.type, lastModified: 0 });
    this.forget(this.texts.used);
    this.done(file);
  }

  private forget(text: string): void {
    this.clear();
    this.say(text);
    this.show(0);
    this.record.focus();
  }

  private clear(): void {
    clearInterval(this.ticking);
    this.voice = undefined;
    this.changing = undefined;
    this.change.checked = false;
    this.silence();
  }
}

function turnOff(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function failure(error: unknown): Failure {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "missing" : "failed";
}

function time(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function group(...children: HTMLElement[]): HTMLElement {
  const made = element("div");
  made.append(...children);
  return made;
}
