/** What the file carries for its script, as `intake.web.offline` writes it. */
import type { Programme } from "../core/programme.ts";

export interface Facts {
  /** The last day on which it seals, in ISO form. */
  readonly ends: string;
  readonly programme: Programme;
  /** The scripts of the Workers, by the address that they have on a server. */
  readonly scripts: Readonly<Record<string, string>>;
}

/** Return what this file carries. Raises Error where it is not whole. */
export function facts(): Facts {
  const text = document.getElementById("facts")?.textContent;
  if (!text) {
    throw new Error("the file is not whole");
  }
  return JSON.parse(text) as Facts;
}
