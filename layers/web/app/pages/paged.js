// Lists that go on: a page, and the next one when asked for.

import { get } from "../api.js";
import { t } from "../texts.js";
import { html, useEffect, useState } from "../vendor/preact.js";

/** The items of a list so far. @param {string} path with a query */
export function usePages(path) {
  const [state, setState] = useState({
    items: /** @type {any[] | null} */ (null),
    cursor: /** @type {string | null} */ (null),
    problem: /** @type {unknown} */ (null),
    busy: false,
  });
  const read = async (/** @type {any[]} */ before, /** @type {string | null} */ cursor) => {
    setState((now) => ({ ...now, busy: true }));
    try {
      const page = await get(cursor ? `${path}&cursor=${encodeURIComponent(cursor)}` : path);
      setState({ items: [...before, ...page.items], cursor: page.nextCursor, problem: null, busy: false });
    } catch (problem) {
      setState((now) => ({ ...now, problem, busy: false }));
    }
  };
  useEffect(() => void read([], null), [path]);
  return { ...state, again: () => read([], null), next: () => read(state.items ?? [], state.cursor) };
}

/** @param {{ pages: { cursor: string | null, busy: boolean, next: () => void } }} props */
export function More({ pages }) {
  if (!pages.cursor) return null;
  return html`<button class="more" disabled=${pages.busy} onClick=${pages.next}>${t.more}</button>`;
}
