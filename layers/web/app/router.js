// Addresses of the app: all below /app, by the History API, so that back, forward and reload do what people expect.

import { Listeners } from "./listeners.js";

const BASE = "/app";
/** The place has changed. @type {Listeners} */
export const moves = new Listeners();

/** Where one is: the parts of the path below /app, as they stand in the address, and the query. */
export function place() {
  const parts = location.pathname.slice(BASE.length).split("/").filter(Boolean);
  return { parts, query: new URLSearchParams(location.search) };
}

/** The address of a place. @param {string} path such as `/orders` */
export function address(path) {
  return BASE + (path === "/" ? "" : path);
}

/** Go to a place. @param {string} path @param {{ replace?: boolean }} how */
export function go(path, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", path.startsWith(BASE) ? path : address(path));
  moves.tell();
}

addEventListener("popstate", () => moves.tell());

// A click on a link of ours moves without loading the page anew.
addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || link.origin !== location.origin) return;
  if (link.pathname !== BASE && !link.pathname.startsWith(`${BASE}/`)) return;
  event.preventDefault();
  go(link.pathname + link.search);
});
