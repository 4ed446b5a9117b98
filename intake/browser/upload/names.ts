/** The name of a file as offices are told it. */

// As in intake.core.limits.
const LONGEST = 200;
const UNNAMED = "file";

// What browsers know and the oldest Python of an office does not: new in Unicode 15 to 17.
const NEW =
  "\u0897\u088f\u0c5c\u0cdc\u0cf3\u0ece\u1acf-\u1aeb\u1b4e\u1b4f\u1b7f\u1c89\u1c8a\u20c1" +
  "\u2427-\u2429\u2b96\u2ffc-\u2fff\u31e4\u31e5\u31ef\ua7cb-\ua7cf\ua7d2\ua7d4\ua7da-\ua7dc" +
  "\ua7f1\ufbc3-\ufbd2\ufd90\ufd91\ufdc8-\ufdce";

// Of the later planes flags, pictures and rare Chinese letters: the rest grows every year.
const LATE = "\\u{1f1e6}-\\u{1f6d7}\\u{1f90c}-\\u{1f9ff}\\u{20000}-\\u{2b738}";

// What is no letter, digit or sign, spaces but the plain one, and what separates folders.
const UNFIT = new RegExp(
  `[/\\p{C}${NEW}]|(?! )\\p{Z}|(?![${LATE}])[\\u{10000}-\\u{10ffff}]`,
  "gu",
);

/**
 * Return a name that `is_name` in intake.core.evidence takes, whatever a file is called. Cut, it
 * keeps its end, which tells the kind.
 */
export function evidenceName(name: string): string {
  const fit = [...name.replace(UNFIT, "_")];
  return fit.slice(-LONGEST).join("") || UNNAMED;
}
