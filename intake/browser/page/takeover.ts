/**
 * How a script takes over the one form of a page that works without it.
 *
 * Rules: until it is ready the form stays as it was; what is pressed before waits for it, and is
 * sent as without it where it fails or is too late.
 */
import type { Programme } from "../core/programme.ts";
import { find, show } from "./dom.ts";
import { guard } from "./leave.ts";
import type { Visit } from "./visit.ts";

/** Return what the server tells of its programme. Raises where something else answered. */
export async function told(lang: string): Promise<Programme> {
  const answer = await fetch(`/${lang}/sealing.json`, { credentials: "omit" });
  const found = (await answer.json()) as Partial<Programme> | null;
  const isWhole = found?.groups && found.offices && found.routes && found.keys;
  if (!answer.ok || !isWhole || !found.words || !found.texts) {
    throw new Error("no programme");
  }
  return found as Programme;
}

/** What a page's script does with its form. */
interface Taking {
  readonly begin: () => Promise<Visit>;
  readonly take: (visit: Visit) => void;
  /** What is pressed, once all is ready, for whoever pressed before. */
  readonly button: string;
  /** How long whoever pressed waits, in milliseconds. */
  readonly patience: number;
}

/** Take a form over. Return what stops the visit, if it began. */
export function takeOver(
  form: HTMLFormElement,
  { begin, take, button, patience }: Taking,
): () => void {
  let visit: Visit | null = null;
  let isSent = false;
  const stop = (): void => visit?.stop();
  guard(find<HTMLAnchorElement>(document, "a.leave").href, stop);
  window.addEventListener("beforeunload", (event) => {
    if (visit?.isUnsent) {
      event.preventDefault();
    }
  });
  const ready = begin().then((found) => {
    if (isSent) {
      throw new Error("too late");
    }
    take(found);
    visit = found;
    form.removeEventListener("submit", wait);
    show(document, "[data-when=server]", false);
    show(document, "[data-when=script]", true);
  });
  const wait = (event: Event): void => {
    event.preventDefault();
    const late = new Promise<never>((_, reject) => setTimeout(reject, patience));
    Promise.race([ready, late]).then(
      () => find(form, button).click(),
      () => {
        isSent = true;
        form.submit();
      },
    );
  };
  form.addEventListener("submit", wait);
  ready.catch(() => form.removeEventListener("submit", wait));
  return stop;
}
