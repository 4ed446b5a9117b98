/** What follows a report: two of its words are asked back, and each group can be added. */
import type { CaseView } from "../sealing/case.ts";
import { askBack } from "./asked.ts";
import { all, filled, find } from "./dom.ts";
import { showGroup } from "./group.ts";
import type { Visit } from "./visit.ts";

/** Add both to the page of what was received. */
export async function more(visit: Visit, page: HTMLElement): Promise<void> {
  await askBack(visit, page);
  showMore(visit, page);
}

/** Let each group's button open its page, and count what was added. */
function showMore(visit: Visit, page: HTMLElement): void {
  const form = find<HTMLFormElement>(page, "[data-more]");
  const back = (view: CaseView | null, button: HTMLElement, label: string): void => {
    visit.show(page);
    let next = button;
    if (view) {
      count(visit, form, view);
      visit.say(form, "added");
      const status = find(form, "p[role=status]");
      status.textContent = filled(status.textContent ?? "", { group: label });
      status.className = "fine";
      status.tabIndex = -1;
      next = status;
    }
    // Where she was, not at the top: what was added is said here, and the next page is near.
    next.focus();
    next.scrollIntoView({ block: "center" });
  };
  for (const button of all(form, "[data-group]")) {
    const label = button.firstChild?.textContent?.trim() ?? "";
    button.onclick = () =>
      visit.act(form, "", async () => {
        const view = await visit.sealer.call("look", null);
        const group = button.dataset["group"] ?? "";
        await showGroup(visit, group, view, (after) => back(after, button, label));
      });
  }
}

function count(visit: Visit, form: HTMLElement, view: CaseView): void {
  for (const button of all(form, "[data-group]")) {
    const num = view.numbers[button.dataset["group"] ?? ""] ?? 0;
    const name = num > 1 ? "added_often" : "added_once";
    const text = num > 0 ? filled(visit.texts[name] ?? "", { num }) : "";
    find(button, ".done").textContent = text;
  }
}
