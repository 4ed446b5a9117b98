/**
 * The script of the form that is one file: what a server's page is told and fetches stands in the
 * file itself, and what is sealed is saved, not sent.
 *
 * Rules: nothing is asked of any line; after its last day it seals nothing; where anything that it
 * needs is missing, the page goes on saying so; nothing is stored in the browser; leaving stops
 * everything.
 */
import { find, show } from "../page/dom.ts";
import { guard } from "../page/leave.ts";
import { record } from "../page/record.ts";
import { takeForm } from "../page/report.ts";
import { Failed, Sealer } from "../page/sealer.ts";
import { type Later, Visit } from "../page/visit.ts";
import { takeVoice } from "../page/voice.ts";
import { localDate } from "../sealing/letter.ts";
import { type Facts, facts } from "./facts.ts";
import { saver } from "./saved.ts";
import { Workers } from "./workers.ts";

const later: Later = {
  // What is added comes later, by the words: this page has no line to ask how a case stands.
  more: () => Promise.reject(new Failed("refused")),
  record,
};

/** Take over the form. Raises where this browser does not let it be. */
async function begin(form: HTMLFormElement): Promise<void> {
  let visit: Visit | null = null;
  // First: she can leave whatever else fails.
  guard(find<HTMLAnchorElement>(document, "a.leave").href, () => visit?.stop());
  window.addEventListener("beforeunload", (event) => {
    if (visit?.isUnsent) {
      event.preventDefault();
    }
  });
  const carried = facts();
  if (isOver(carried.ends)) {
    show(document, "[data-when=ended]", true);
    show(document, "[data-when=blind]", false);
    form.hidden = true;
    return;
  }
  const workers = new Workers(carried.scripts, carried.programme.file_bytes);
  visit = await made(carried, workers);
  takeForm(visit, form, takeVoice(visit, find(form, "#voice")), saver(workers.sealed));
  show(document, "[data-when=blind]", false);
  for (const button of Array.from(form.querySelectorAll("button"))) {
    button.disabled = false;
  }
}

/** Return the visit of this page. Raises where nothing can be sealed. */
async function made({ ends, programme }: Facts, workers: Workers): Promise<Visit> {
  // The Workers may have what the page has not, and both need it.
  if (!("subtle" in (crypto ?? {}))) {
    throw new Failed("failed");
  }
  const start = (script: string): Worker => workers.start(script);
  const parts = find<HTMLTemplateElement>(document, "template").content;
  const sealer = await Sealer.start(start, programme);
  const visit = new Visit(programme, sealer, start, () => Promise.resolve(later), parts);
  // Before the forms hear of it: on whatever page she is, nothing is sealed any more.
  document.addEventListener("submit", (event) => refuseLate(event, ends, visit), true);
  return visit;
}

/** Whether the day after the last one has come, by the clock of this device. */
function isOver(ends: string): boolean {
  return localDate(new Date()).slice(0, 10) > ends;
}

/** Say that the form has ended, and let nothing be sealed; what was typed stays. */
function refuseLate(event: Event, ends: string, visit: Visit): void {
  if (isOver(ends) && event.target instanceof HTMLFormElement && isSealing(event.target)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    visit.say(event.target, "ended", true);
  }
}

/** The words are asked back by a form, too: that one may go on. */
function isSealing(form: HTMLFormElement): boolean {
  return form.querySelector("[name=end]") !== null;
}

const form = document.querySelector<HTMLFormElement>("form[data-group=report]");
if (form) {
  // Where it fails, the page goes on saying that it can seal nothing here.
  begin(form).catch(() => undefined);
}
