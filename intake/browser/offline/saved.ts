/** What was sealed, saved as one file: the words once more, and what to do with the file. */
import { askBack } from "../page/asked.ts";
import { all, fill, find, make, show } from "../page/dom.ts";
import { type ShowFiled, words } from "../page/report.ts";
import { parcel } from "./parcel.ts";
import type { Kept } from "./way.ts";

// Says nothing of what it is, on a memory stick that somebody finds.
const NAME = "form-data.tar";

/** Return what saves a filing and shows that it was; `sealed` are the files that go with it. */
export function saver(sealed: ReadonlyMap<string, Blob>): ShowFiled {
  return async (visit, filed, offices, wayBack, takes) => {
    const made = await parcel(visit.programme, (filed as Kept).filing, sealed);
    takes.stop();
    const page = visit.part("saved");
    for (const office of offices) {
      const name = make("b", {}, visit.name(office));
      find(page, ".readers").append(make("li", {}, name));
      show(page, `[data-passed="${office}"]`, true);
    }
    // As often as it is wanted: it is the same file each time.
    const link = find<HTMLAnchorElement>(page, "a[download]");
    link.download = NAME;
    link.href = URL.createObjectURL(made);
    if (wayBack) {
      fill(find(page, "ol.words"), ...(await words(visit)));
    } else {
      all(page, ".receipt, [data-way]").forEach((part) => part.remove());
      show(page, "[data-no-way]", true);
    }
    visit.show(page);
    if (wayBack) {
      await askBack(visit, page);
    }
    // Before the click: some browsers take it for leaving the page.
    visit.isUnsent = false;
    link.click();
  };
}
