/** The script of every page but the form: leaving at once, and nothing else. */
import { guard } from "./leave.ts";

const link = document.querySelector<HTMLAnchorElement>("a.leave");
if (link) {
  guard(link.href, () => undefined);
}
