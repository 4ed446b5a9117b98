/**
 * The desk's keys, and searching while one types. Every page works without it.
 *
 * Nothing is ever made into markup: what the server sends is set as text.
 */

const WAIT_MS = 120;
const LOCKED = 401;

type Hit = readonly [id: string, day: string, kind: string, title: string];

const field = document.querySelector<HTMLInputElement>("#q");
const places: Record<string, string> = {
  i: "/?open=1",
  d: "/?open=1&order=due",
  a: "/aside",
};

/** Return the rows of a list, in their order. */
function rows(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>("[data-row] > a")];
}

/** Move the focus by so many rows; from elsewhere to the first. */
function move(by: number): void {
  const all = rows();
  const at = all.findIndex((row) => row === document.activeElement);
  all[Math.min(Math.max(at < 0 ? 0 : at + by, 0), all.length - 1)]?.focus();
}

/** Whether keys are meant for what is typed into. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select") !== null;
}

function press(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const place = places[event.key];
  if (place) location.assign(place);
  else if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
  else if (event.key === "/") field?.focus();
  else if (event.key === "r") document.querySelector<HTMLElement>("#r-text")?.focus();
  else if (event.key === "w") document.querySelector<HTMLElement>("#w-status")?.focus();
  else if (event.key === "u") history.back();
  else if (event.key === "?") document.querySelector<HTMLDialogElement>("#keys")?.showModal();
  else return;
  event.preventDefault();
}

/** Show what was found, in place of what the page shows. */
function show(typed: string, hits: readonly Hit[]): void {
  const main = document.querySelector("main");
  if (!main) return;
  const title = document.createElement("h1");
  title.textContent = "Found";
  const count = document.createElement("p");
  count.setAttribute("role", "status");
  count.textContent = `${hits.length}${hits.length === 50 ? " or more" : ""}`;
  const list = document.createElement("ol");
  list.className = "rows";
  list.append(...hits.map(row));
  const all = document.createElement("a");
  all.href = `/search?q=${encodeURIComponent(typed)}`;
  all.className = "next";
  all.textContent = "Show this as a page";
  main.replaceChildren(title, count, list, all);
}

function row([id, day, kind, title]: Hit): HTMLLIElement {
  const item = document.createElement("li");
  item.setAttribute("data-row", "");
  const link = document.createElement("a");
  link.href = `/case/${id}`;
  const words = document.createElement("bdi");
  words.dir = "auto";
  words.textContent = title || "(nothing written)";
  link.append(words);
  const facts = document.createElement("p");
  facts.className = "facts";
  facts.textContent = `${kind} ${day}`;
  item.append(link, facts);
  return item;
}

let asked = 0;
let timer = 0;

/** Ask for what is typed; an older answer never replaces a newer one. */
async function find(typed: string): Promise<void> {
  asked += 1;
  const mine = asked;
  const answer = await fetch(`/search.json?q=${encodeURIComponent(typed)}`);
  if (answer.status === LOCKED) location.assign("/unlock");
  if (!answer.ok || mine !== asked) return;
  show(typed, (await answer.json()) as readonly Hit[]);
}

document.addEventListener("keydown", press);
field?.addEventListener("input", () => {
  window.clearTimeout(timer);
  const typed = field.value;
  if (typed.trim()) timer = window.setTimeout(() => void find(typed).catch(() => {}), WAIT_MS);
});
for (const button of document.querySelectorAll<HTMLElement>("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
