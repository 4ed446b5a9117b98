/** The name of a file as offices are told it. */

// As in intake.core.limits.
const LONGEST = 200;
const UNNAMED = "file";

// What is no letter, digit or sign, spaces but the plain one, and what separates folders. Also
// the blocks that Unicode still fills: what this browser knows, an office's Python may not.
const UNFIT = /[/\p{C}]|(?! )\p{Z}|[\u{1fa70}-\u{1faff}\u{31350}-\u{10ffff}]/gu;

/**
 * Return a name that `is_name` in intake.core.evidence takes, whatever a file is called. Cut, it
 * keeps its end, which tells the kind.
 */
export function evidenceName(name: string): string {
  const fit = [...name.replace(UNFIT, "_")];
  return fit.slice(-LONGEST).join("") || UNNAMED;
}
