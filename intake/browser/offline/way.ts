/** The way of a page without a line: what was sealed goes back to it, and nowhere else. */
import type { Bytes } from "../bytes.ts";
import type { FilingSecret } from "../crypto/derive.ts";
import { caseOf as boundTo } from "../crypto/derive.ts";
import { Failure, type Filed, type Letter } from "../sealing/wire.ts";

/** What a filing is, as a page of the server would send it. */
export interface Filing {
  readonly case: string;
  readonly letters: readonly Letter[];
  readonly mailbox: string;
  readonly urgent: boolean;
}

/** An answer of this form that holds the filing itself. */
export interface Kept extends Filed {
  readonly filing: Filing;
}

/** Return the id of the case of a filing: whoever carries it can give it no other mailbox. */
export function caseOf(_secret: FilingSecret, mailbox: Bytes): Promise<string> {
  return boundTo(mailbox);
}

/** Give a filing back to the page. Raises Failure for anything else: nobody could answer it. */
export async function post(path: string, message: string): Promise<Kept> {
  if (path !== "cases") {
    throw new Failure("refused");
  }
  return {
    day: new Date().toISOString().slice(0, 10),
    deliveries: [],
    filing: JSON.parse(message) as Filing,
  };
}
