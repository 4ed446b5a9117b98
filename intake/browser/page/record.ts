/** The recorder in its place beside the account. */
import { all } from "./dom.ts";
import { canRecord, recorder, type RecorderTexts } from "./recorder.ts";
import type { Visit } from "./visit.ts";

const TEXTS: Readonly<Record<keyof RecorderTexts, string>> = {
  record: "voice_record",
  pause: "voice_pause",
  goOn: "voice_go_on",
  stop: "voice_stop",
  listen: "voice_listen",
  change: "voice_change",
  use: "voice_use",
  discard: "voice_discard",
  asking: "voice_asking",
  recording: "voice_recording",
  paused: "voice_paused",
  recorded: "voice_recorded",
  full: "voice_full",
  changing: "voice_changing",
  changed: "voice_changed",
  unchanged: "voice_unchanged",
  used: "voice_used",
  discarded: "voice_discarded",
  denied: "voice_denied",
  missing: "voice_missing",
  failed: "voice_failed",
};

/** Build the recorder in `place` and begin; where this browser has no format for it, say so. */
export function record(visit: Visit, place: HTMLElement, use: (voice: File) => void): void {
  if (!canRecord()) {
    place.textContent = visit.texts["voice_missing"] ?? "";
    return;
  }
  const texts = Object.fromEntries(
    Object.entries(TEXTS).map(([name, text]) => [name, visit.texts[text] ?? ""]),
  ) as unknown as RecorderTexts;
  const made = recorder(place, texts, use, () => undefined);
  visit.onStop(() => made.close());
  // She has asked for it already, and her focus went with the button that she pressed.
  const begin = all(place, "button").find((button) => !button.hidden);
  begin?.focus();
  begin?.click();
}
