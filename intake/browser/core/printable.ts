/** Text of a report as it may stand on a page: nothing that could steer what stands around it. */

// Joiners and marks that scripts need, and that cannot reorder what follows; tab and line end.
const HARMLESS = "\n\t\u200c\u200d\u200e\u200f";
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu;
const MARK = "\ufffd";

/** Return text whose control characters are shown as marks, as `intake.core.plain` does. */
export function printable(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(CONTROL, (one) => (HARMLESS.includes(one) ? one : MARK));
}

/** Return text for one line: a line end in a name could begin a part of its own. */
export function inline(text: string): string {
  return printable(text).replace(/[\n\t]/g, " ");
}

/** Return a name that every file system takes and no desktop hides; as `intake.cli.files`. */
export function harmless(name: string): string {
  const kept = inline(name).replace(/[<>:"/\\|?*]/g, "_");
  // Of an Arabic or Chinese name 150 letters are more than file systems take.
  let ending = strip(kept);
  while (new TextEncoder().encode(ending).length > LONGEST) {
    ending = [...ending].slice(1).join("");
  }
  return strip(ending) || "file";
}

const LONGEST = 150;

function strip(name: string): string {
  return name.replace(/^[ .]+|[ .]+$/g, "");
}
