/**
 * The script of the page of coming back: this device opens what was sealed to ten words.
 *
 * Rules: the words go to the Worker, and nowhere else; where anything that it needs is missing or
 * fails, the page stays as it was; nothing is stored in the browser; leaving stops everything.
 */
import { CasePage } from "./case.ts";
import { adopt, all, fill, filled, find, make, page } from "./dom.ts";
import type { Loader } from "./loader.ts";
import { Failed, Sealer } from "./sealer.ts";
import { takeOver, told } from "./takeover.ts";
import { Visit } from "./visit.ts";

const { start } = (window as unknown as { intake: Loader }).intake;

// What is still to come is 40 kB: some seconds of a line that hardly is one.
const PATIENCE_MS = 20_000;
// So long nobody types: then the words are looked at.
const PAUSE_MS = 400;

/** Return the visit of this page. Raises where this browser or the line does not let it be. */
async function begin(): Promise<Visit> {
  const { lang } = document.documentElement;
  const [programme, parts] = await Promise.all([told(lang), page(`/${lang}/back`)]);
  const texts: Record<string, string> = { ...programme.texts };
  for (const text of all(parts, "[data-text]")) {
    texts[text.dataset["text"] ?? ""] = text.textContent ?? "";
  }
  // A network that asks to log in answers with a page of its own.
  find(parts, "[data-part=case]");
  const sealer = await Sealer.start(start, programme, "open");
  const later = (): never => {
    throw new Failed("refused");
  };
  const visit = new Visit({ ...programme, texts }, sealer, start, later, parts);
  visit.help = adopt(find(parts, "section.help"));
  return visit;
}

function enhance(form: HTMLFormElement): void {
  const take = (visit: Visit): void => takeWords(visit, form);
  forgetBehind(takeOver(form, { begin, take, button: "button", patience: PATIENCE_MS }));
}

/** Whatever the browser keeps of a page that was left, for Back to show it at once, is empty. */
function forgetBehind(stop: () => void): void {
  window.addEventListener("pagehide", () => {
    stop();
    fill(find(document, "main"));
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      location.reload();
    }
  });
}

/** Take over the form of the words. */
function takeWords(visit: Visit, form: HTMLFormElement): void {
  const field = find<HTMLTextAreaElement>(form, "[name=words]");
  const list = find<HTMLSelectElement>(form, "[name=list]");
  const question = list.closest<HTMLElement>(".question");
  // Asked only where the words do not tell it.
  if (question && !list.value) {
    question.hidden = true;
  }
  const error = make("p", { class: "error", id: "words-error", "aria-live": "polite" });
  error.hidden = true;
  field.before(error);
  const hint = field.getAttribute("aria-describedby") ?? "";
  let asked = 0;
  const say = (text: string): void => {
    error.textContent = text;
    error.hidden = !text;
    text ? field.setAttribute("aria-invalid", "true") : field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", text ? `${hint} ${error.id}` : hint);
  };
  const sayUnfit = (places: readonly number[]): void => {
    const all = field.value.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
    const letters = all.filter((word) => !/^\p{N}+$/u.test(word));
    const typed = letters.length > 0 ? letters : all;
    const named = places.map((place) => `${place} (${typed[place - 1] ?? "?"})`).join(", ");
    say(places.length > 0 ? filled(visit.texts["words_places"] ?? "", { places: named }) : "");
  };
  /** Point out what fits no list; of a word that is still being typed nothing is said. */
  const look = async (isLeft: boolean): Promise<void> => {
    asked += 1;
    const mine = asked;
    const text = isLeft ? field.value : field.value.replace(/[\p{L}\p{M}\p{N}]+$/u, "");
    const places = await visit.sealer.call("unfit", { text, list: list.value }).catch(() => []);
    if (mine === asked) {
      sayUnfit(places);
    }
  };
  let timer = 0;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void look(false), PAUSE_MS);
  });
  field.addEventListener("blur", () => {
    clearTimeout(timer);
    void look(true);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    asked += 1;
    void visit.act(form, "looking", async () => {
      const typed = { text: field.value, list: list.value };
      const { view, code, places } = await visit.sealer.call("comeBack", typed).catch(nothing);
      if (view) {
        field.value = "";
        say("");
        new CasePage(visit, view).show();
        return;
      }
      if (question && (code === "language" || code === "nothing")) {
        question.hidden = false;
      }
      places.length > 0 ? sayUnfit(places) : say(visit.texts[`words_${code}`] ?? "");
      (code === "language" ? list : field).focus();
    });
  });
}

/** Words that open nothing are no failure. Raises every other one. */
function nothing(error: unknown): { view: null; code: string; places: number[] } {
  if ((error as Failed).code !== "not_found") {
    throw error;
  }
  return { view: null, code: "nothing", places: [] };
}

function begins(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-back]");
  if (form && "subtle" in (crypto ?? {})) {
    enhance(form);
  }
}

// After the page: its field can be used before anything more is fetched.
if (document.readyState === "complete") {
  begins();
} else {
  window.addEventListener("load", begins);
}
