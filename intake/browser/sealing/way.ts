/** Where a sealed filing goes: to the server, or under `offline` back to the page. */
export { caseOf, post } from "#way";
