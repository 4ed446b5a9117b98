/**
 * Leaving at once: the page is blank before anything else happens, and its place in the history
 * belongs to another site. What the browser noted before stays: the page says so.
 *
 * Two ways: a link of class `leave`, and Shift pressed and released three times by itself.
 */

const PRESSES = 3;
const WITHIN_MS = 1500;

/**
 * Leave for the address `leave` when asked. `stop` ends uploads, Workers and recordings.
 *
 * To be called before anything else listens for `beforeunload`, or the browser may ask whether
 * to leave, with the page's name on the screen.
 */
export function guard(leave: string, stop: () => void): void {
  // An empty title shows the address of this page, so the tab shows where she goes.
  const title = new URL(leave, location.href).hostname;
  let isLeaving = false;
  const go = (): void => {
    isLeaving = true;
    document.body.textContent = "";
    document.title = title;
    try {
      stop();
    } finally {
      location.replace(leave);
    }
  };
  window.addEventListener("beforeunload", (event) => {
    if (isLeaving) event.stopImmediatePropagation();
  });
  window.addEventListener(
    "click",
    (event) => {
      if (event.target instanceof Element && event.target.closest("a.leave")) {
        event.preventDefault();
        event.stopImmediatePropagation();
        go();
      }
    },
    true,
  );
  listen(go);
}

/**
 * Call `go` at the third release of Shift. At the release and not before: Shift held for a
 * capital letter, a shortcut or a selection is none, and starts the count anew.
 */
function listen(go: () => void): void {
  let releases: number[] = [];
  let isAlone = false;
  const forget = (): void => {
    releases = [];
    isAlone = false;
  };
  const down = (event: KeyboardEvent): void => {
    if (event.key !== "Shift" || event.ctrlKey || event.altKey || event.metaKey) forget();
    // A key held down repeats, and is still one press.
    else if (!event.repeat) isAlone = true;
  };
  const up = (event: KeyboardEvent): void => {
    if (event.key !== "Shift" || !isAlone) return;
    isAlone = false;
    releases = [...releases, event.timeStamp].slice(-PRESSES);
    const [first = 0] = releases;
    if (releases.length === PRESSES && event.timeStamp - first <= WITHIN_MS) go();
  };
  window.addEventListener("keydown", down, true);
  window.addEventListener("keyup", up, true);
  window.addEventListener("mousedown", forget, true);
  window.addEventListener("blur", forget);
}
