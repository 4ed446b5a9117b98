/** What was received: the words once more, who may read it, and what can be added. */
import type { Filed } from "../sealing/wire.ts";
import { all, day, fill, filled, find, make, show } from "./dom.ts";
import { words } from "./report.ts";
import type { Takes } from "./takes.ts";
import type { Visit } from "./visit.ts";

/** Show that a report was filed; without a way back there is nothing to add. */
export async function showSent(
  visit: Visit,
  filed: Filed,
  offices: readonly string[],
  wayBack: boolean,
  takes: Takes,
): Promise<void> {
  visit.isUnsent = false;
  takes.stop();
  const page = visit.part("sent");
  find(page, "[data-filed]").textContent = filled(visit.texts["filed"] ?? "", {
    day: day(filed.day),
  });
  const list = find(page, ".readers");
  for (const { reader, fetched } of filed.deliveries) {
    const item = reads(visit, reader, fetched);
    for (const hours of all(page, `[data-hours="${reader}"]`)) {
      item.append(make("br"), hours);
    }
    list.append(item);
  }
  for (const office of offices) {
    show(page, `[data-passed="${office}"]`, true);
  }
  if (!wayBack) {
    for (const part of all(page, ".receipt, [data-more], [data-more] ~ p")) {
      part.remove();
    }
    show(page, "[data-no-way]", true);
    visit.show(page);
    return;
  }
  fill(find(page, "ol.words"), ...(await words(visit)));
  visit.show(page);
  try {
    await (await visit.later()).more(visit, page);
  } catch {
    // It can be added with the words, on the page that they open.
    find(page, "[data-more]").remove();
  }
}

function reads(visit: Visit, office: string, fetched: string | null): HTMLElement {
  const text = fetched
    ? filled(visit.texts["fetched"] ?? "", { day: day(fetched) })
    : (visit.texts["not_fetched"] ?? "");
  return make("li", {}, make("b", {}, visit.name(office)), make("br"), text);
}
