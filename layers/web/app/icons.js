// The signs of the places, as strokes in a square of 24.

import { html } from "./vendor/preact.js";

const STROKES = /** @type {Record<string, string>} */ ({
  account: "M3 7h15a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V6a2 2 0 0 1 2-2h11M16.5 13.5h.01",
  orders: "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
  statement: "M4 4v16h16M8 15l4-5 3 3 5-7",
  notifications: "M6 17V11a6 6 0 0 1 12 0v6l2 1H4zM10 21h4",
  profile: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c1-5 4-6 8-6s7 1 8 6",
});

/** @param {{ name: string }} props */
export function Icon({ name }) {
  return html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round"
    stroke-linejoin="round" aria-hidden="true"><path d=${STROKES[name]} /></svg>`;
}
