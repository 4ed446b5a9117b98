/**
 * The page's script: takes over the form, so that this device seals what is written.
 *
 * Rules: it starts after the page is usable; where anything that it needs is missing or fails, the
 * form stays as it was; nothing is stored in the browser; leaving stops everything.
 */
import type { Programme } from "../core/programme.ts";
import { find, page, show } from "./dom.ts";
import { guard } from "./leave.ts";
import { takeForm } from "./report.ts";
import { Sealer, type Start } from "./sealer.ts";
import { takeVoice } from "./voice.ts";
import { Visit } from "./visit.ts";

const SCRIPTS = ["/seal.js", "/seal-full.js", "/files.js", "/files-full.js"];

interface TrustedScripts {
  createPolicy(
    name: string,
    rules: { createScriptURL: (address: string) => string },
  ): { createScriptURL(address: string): string };
}

/** Return what starts a Worker of this server, and nothing else. */
function starter(): Start {
  const { trustedTypes } = window as unknown as { trustedTypes?: TrustedScripts };
  const own = (address: string): string => {
    if (!SCRIPTS.includes(address)) {
      throw new TypeError("no script of this page");
    }
    return address;
  };
  const policy = trustedTypes?.createPolicy("intake", { createScriptURL: own });
  return (script) => new Worker(policy ? policy.createScriptURL(script) : own(script));
}

/** Return the visit of this page. Raises where this browser or the line does not let it be. */
async function begin(): Promise<Visit> {
  const { lang } = document.documentElement;
  const start = starter();
  const [answer, parts] = await Promise.all([
    fetch(`/${lang}/sealing.json`, { credentials: "omit" }),
    page(`/${lang}/parts`),
  ]);
  const programme = (await answer.json()) as Programme;
  return new Visit(programme, await Sealer.start(start, programme), start, parts);
}

function enhance(form: HTMLFormElement): void {
  let visit: Visit | null = null;
  const leave = find<HTMLAnchorElement>(document, "a.leave");
  guard(leave.href, () => visit?.stop());
  window.addEventListener("beforeunload", (event) => {
    if (visit?.isUnsent) {
      event.preventDefault();
    }
  });
  const ready = begin();
  // Pressed before the script was ready: wait for it, and where it fails send as without it.
  const wait = (event: Event): void => {
    event.preventDefault();
    ready.then(
      () => find(form, "button:not([hidden])").click(),
      () => form.submit(),
    );
  };
  form.addEventListener("submit", wait);
  ready.then(
    (found) => {
      visit = found;
      form.removeEventListener("submit", wait);
      show(document, "[data-when=server]", false);
      show(document, "[data-when=script]", true);
      for (const button of form.querySelectorAll("button")) {
        button.disabled = false;
      }
      takeForm(found, form, takeVoice(found, find(form, "#voice")));
    },
    () => form.removeEventListener("submit", wait),
  );
}

// What the server took over before, it ends: the words that it showed must stay.
const form = document.querySelector<HTMLFormElement>("form[data-group=report]");
if (form && !form.querySelector("[name=secret], [name=file]") && "subtle" in (crypto ?? {})) {
  // After the page: its first field can be used before any of this is fetched.
  if (document.readyState === "complete") {
    enhance(form);
  } else {
    window.addEventListener("load", () => enhance(form));
  }
}

