/** The way of a page that a server answers. */
import type { FilingSecret } from "../crypto/derive.ts";

export { post } from "./wire.ts";

/** Return the id of the case of a filing. */
export function caseOf(secret: FilingSecret, _mailbox: unknown): Promise<string> {
  return secret.case();
}
