/**
 * The page's script: takes over the form, so that this device seals what is written.
 *
 * Rules: it starts after the page is usable; where anything that it needs is missing or fails, the
 * form stays as it was; nothing is stored in the browser; leaving stops everything.
 */
import type { Programme } from "../core/programme.ts";
import { find, page, show } from "./dom.ts";
import { guard } from "./leave.ts";
import type { Loader } from "./loader.ts";
import { takeForm } from "./report.ts";
import { Sealer } from "./sealer.ts";
import { showSent } from "./sent.ts";
import { takeVoice } from "./voice.ts";
import { type Later, Visit } from "./visit.ts";

const scripts = window as unknown as { intake: Loader; intakeLater?: Later };

// What is still to come is 30 kB: ten seconds of a line that hardly is one.
const PATIENCE_MS = 15_000;

/** Return what fetches the script of `later.ts`, once. */
function loader(): () => Promise<Later> {
  let coming: Promise<Later> | null = null;
  const load = async (): Promise<Later> => {
    await scripts.intake.run("later");
    if (!scripts.intakeLater) {
      throw new Error("no script");
    }
    return scripts.intakeLater;
  };
  return () => {
    coming ??= load();
    coming.catch(() => {
      coming = null;
    });
    return coming;
  };
}

/** Return the visit of this page. Raises where this browser or the line does not let it be. */
async function begin(): Promise<Visit> {
  const { lang } = document.documentElement;
  const { start } = scripts.intake;
  const [programme, parts] = await Promise.all([told(lang), page(`/${lang}/parts`)]);
  // A network that asks to log in answers with a page of its own.
  for (const part of ["review", "sent"]) {
    find(parts, `[data-part=${part}]`);
  }
  return new Visit(programme, await Sealer.start(start, programme), start, loader(), parts);
}

/** Return what the server tells of its programme. Raises where something else answered. */
async function told(lang: string): Promise<Programme> {
  const answer = await fetch(`/${lang}/sealing.json`, { credentials: "omit" });
  const found = (await answer.json()) as Partial<Programme> | null;
  const isWhole = found?.groups && found.offices && found.routes && found.keys;
  if (!answer.ok || !isWhole || !found.words || !found.texts) {
    throw new Error("no programme");
  }
  return found as Programme;
}

function enhance(form: HTMLFormElement): void {
  let visit: Visit | null = null;
  let isSent = false;
  const leave = find<HTMLAnchorElement>(document, "a.leave");
  guard(leave.href, () => visit?.stop());
  window.addEventListener("beforeunload", (event) => {
    if (visit?.isUnsent) {
      event.preventDefault();
    }
  });
  const ready = begin().then((found) => {
    if (isSent) {
      throw new Error("too late");
    }
    takeForm(found, form, takeVoice(found, find(form, "#voice")), showSent);
    visit = found;
    form.removeEventListener("submit", wait);
    show(document, "[data-when=server]", false);
    show(document, "[data-when=script]", true);
    for (const button of form.querySelectorAll("button")) {
      button.disabled = false;
    }
  });
  // Pressed before the script was ready: wait for it, and where it fails send as without it.
  const wait = (event: Event): void => {
    event.preventDefault();
    const late = new Promise<never>((_, reject) => setTimeout(reject, PATIENCE_MS));
    Promise.race([ready, late]).then(
      // Not just any button: one beside the account begins to record.
      () => find(form, ":scope > button").click(),
      () => {
        isSent = true;
        form.submit();
      },
    );
  };
  form.addEventListener("submit", wait);
  ready.catch(() => form.removeEventListener("submit", wait));
}

function begins(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-group=report]");
  // What the server took over before, it ends: the words that it showed must stay.
  if (form && !form.querySelector("[name=secret], [name=file]") && "subtle" in (crypto ?? {})) {
    enhance(form);
  }
}

// After the page: its first field can be used before anything more is fetched.
if (document.readyState === "complete") {
  begins();
} else {
  window.addEventListener("load", begins);
}
