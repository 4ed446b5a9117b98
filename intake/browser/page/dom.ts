/** Making and finding parts of the page. No text ever becomes markup. */

type Child = Node | string;

/** Return a new element with attributes and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Return a new element that holds a text. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  text = "",
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/** Return a button that does `act` and sends no form; `look` is its class. */
export function button(text: string, act: () => void, look = ""): HTMLButtonElement {
  const made = element("button", text);
  made.type = "button";
  made.className = look;
  made.addEventListener("click", act);
  return made;
}

/** Let an element hold these children and no others; `replaceChildren` came with Chrome 86. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.textContent = "";
  element.append(...children);
}

/** Return the first element of a selector; it must be there. */
export function find<E extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): E {
  const found = root.querySelector<E>(selector);
  if (!found) {
    throw new Error(`the page lacks ${selector}`);
  }
  return found;
}

/** Return every element of a selector. */
export function all<E extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): E[] {
  return Array.from(root.querySelectorAll<E>(selector));
}

/** Show or hide every element of a selector. */
export function show(root: ParentNode, selector: string, isShown: boolean): void {
  for (const element of all(root, selector)) {
    element.hidden = !isShown;
  }
}

/** Return a text with its values in the places of `%(name)s`. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/%\((\w+)\)s/g, (_, name: string) => String(values[name] ?? ""));
}

/** Return a day as people of this page's language read it. */
export function day(iso: string): string {
  const { lang } = document.documentElement;
  // Noon: a day stays itself in every zone.
  return new Intl.DateTimeFormat(lang, { dateStyle: "long" } as Intl.DateTimeFormatOptions).format(
    new Date(`${iso}T12:00`),
  );
}

/** Return a length in bytes as people read it. */
export function size(length: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = length;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(unit < 2 ? 0 : 1)} ${units[unit]}`;
}

/**
 * Fetch a page of this server as a document, without running anything of it. A document of
 * `XMLHttpRequest` is parsed by the browser; text that the page parses itself would need trust.
 */
export function page(address: string): Promise<Document> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.onload = () => {
      const found = request.status === 200 ? request.responseXML : null;
      found ? resolve(found) : reject(new Error("no page"));
    };
    request.onerror = () => reject(new Error("no line"));
    request.send();
  });
}

/** Return a copy of a part of another document, for this one. */
export function adopt<E extends HTMLElement>(element: E): E {
  return document.importNode(element, true);
}
