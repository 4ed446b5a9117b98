/**
 * The page's script: takes over the form, so that this device seals what is written.
 *
 * Rules: it starts after the page is usable; where anything that it needs is missing or fails, the
 * form stays as it was; nothing is stored in the browser; leaving stops everything.
 */
import { find, page } from "./dom.ts";
import type { Loader } from "./loader.ts";
import { takeForm } from "./report.ts";
import { Sealer } from "./sealer.ts";
import { showSent } from "./sent.ts";
import { takeOver, told } from "./takeover.ts";
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

function enhance(form: HTMLFormElement): void {
  takeOver(form, {
    begin,
    take: (visit) => {
      takeForm(visit, form, takeVoice(visit, find(form, "#voice")), showSent);
      for (const button of form.querySelectorAll("button")) {
        button.disabled = false;
      }
    },
    // Not just any button: one beside the account begins to record.
    button: ":scope > button",
    patience: PATIENCE_MS,
  });
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
