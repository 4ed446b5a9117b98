/** Telling instead of writing: a voice recorded here, or a file that holds one. */
import { fill, find, make } from "./dom.ts";
import type { Takes } from "./takes.ts";
import type { Visit } from "./visit.ts";

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
  if (mayRecord()) {
    place.append(booth(visit, (voice) => takes.add(voice, voice.name, wish)));
  }
  return takes;
}

/** Return the place of the recorder; its script is fetched when it is first wanted. */
function booth(visit: Visit, use: (voice: File) => void): HTMLElement {
  const text = (name: string): string => visit.texts[name] ?? "";
  const button = make("button", { type: "button" }, text("voice_record"));
  const status = make("p", { role: "status" });
  const made = make("div", {}, button, status);
  button.onclick = () => {
    button.disabled = true;
    visit.later().then(
      (later) => {
        fill(made);
        later.record(visit, made, use);
      },
      () => {
        button.disabled = false;
        status.textContent = text("voice_failed");
      },
    );
  };
  return made;
}

/** Whether this browser can record, as far as can be known without the recorder. */
function mayRecord(): boolean {
  return (
    typeof MediaRecorder !== "undefined" &&
    typeof navigator.mediaDevices?.getUserMedia === "function"
  );
}
