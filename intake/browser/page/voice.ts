/** Telling instead of writing: a voice recorded here, or a file that holds one. */
import { find, make } from "./dom.ts";
import { canRecord, recorder, type RecorderTexts } from "./recorder.ts";
import type { Takes } from "./takes.ts";
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

/** Take over the place beside the account, and return the voices that stand there. */
export function takeVoice(visit: Visit, place: HTMLElement): Takes {
  const input = find<HTMLInputElement>(place, "[name=new]");
  const list = make("ul", { class: "files", tabindex: "-1" });
  place.prepend(list);
  const takes = visit.takes(list, () => {
    visit.isUnsent ||= takes.count > 0;
  });
  // Which office gets what is chosen on the next page; the fallback gets a voice as it is.
  const wish = { original: true, copy: false };
  const take = (): void => {
    for (const file of Array.from(input.files ?? [])) {
      takes.add(file, file.name, wish);
    }
    input.value = "";
  };
  input.addEventListener("change", take);
  // One may have been chosen before the script was there.
  take();
  if (canRecord()) {
    const texts = Object.fromEntries(
      Object.entries(TEXTS).map(([name, text]) => [name, visit.texts[text] ?? ""]),
    ) as unknown as RecorderTexts;
    const booth = make("div");
    place.append(booth);
    const made = recorder(
      booth,
      texts,
      (file) => takes.add(file, file.name, wish),
      () => undefined,
    );
    visit.onStop(() => made.close());
  }
  return takes;
}

