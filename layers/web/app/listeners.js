// Who wants to know when something happens.

/** @template [T=void] */
export class Listeners {
  #all = /** @type {Set<(news: T) => void>} */ (new Set());

  /** Call `listener` from now on; gives a function that ends it. @param {(news: T) => void} listener */
  add(listener) {
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  /** @param {T} news */
  tell(news) {
    for (const listener of this.#all) listener(news);
  }
}
