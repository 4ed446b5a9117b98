/** What is ticked in a form, and what follows of it for files. */
import type { Wish } from "../core/evidence.ts";

/** Return the values of what is ticked under a name. */
export function ticked(form: HTMLFormElement, name: string): string[] {
  return new FormData(form).getAll(name).map(String);
}

/** Which of a file's two shall be sent, where these offices get it and these as it was made. */
export function wish(offices: readonly string[], originals: readonly string[]): Wish {
  return {
    original: offices.some((office) => originals.includes(office)),
    copy: offices.some((office) => !originals.includes(office)),
  };
}
