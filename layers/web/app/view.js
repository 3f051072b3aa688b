// Small pieces that pages are made of.

import { Problem } from "./problem.js";
import { address } from "./router.js";
import { t } from "./texts.js";
import { html, useEffect, useState } from "./vendor/preact.js";

/** @typedef {import("preact").ComponentChildren} Children */

/** A link within the app. @param {{ to: string, current?: boolean, children?: Children, class?: string, role?: "button" }} props */
export function Link({ to, current, children, ...looks }) {
  return html`<a href=${address(to)} ...${looks} aria-current=${current ? "page" : undefined}>${children}</a>`;
}

/** A problem in plain words, with the id to quote. @param {{ problem: unknown, retry?: () => void }} props */
export function Trouble({ problem, retry }) {
  const [copied, setCopied] = useState(false);
  if (!problem) return null;
  const known = problem instanceof Problem ? problem : new Problem({ status: 500 });
  const copy = async () => {
    await navigator.clipboard.writeText(known.requestId);
    setCopied(true);
  };
  return html`<div class="notice trouble" role="alert">
    <p>${inWords(known)}</p>
    ${
      known.requestId &&
      html`<p class="small">
      ${t.problems.reference} <code>${known.requestId}</code>
      <button type="button" class="outline secondary small" onClick=${copy}>${copied ? t.problems.copied : t.problems.copy}</button>
    </p>`
    }
    ${retry && html`<button type="button" class="outline" onClick=${retry}>${t.problems.retry}</button>`}
  </div>`;
}

/** @param {Problem} problem */
export function inWords(problem) {
  if (problem.status === 0) return problem.code === "offline" ? t.problems.offline : t.problems.unanswered;
  if (problem.status === 429 || problem.status === 503) return t.problems.busy;
  if (problem.status >= 500) return t.problems.failed;
  const fields = problem.errors.map(({ field, message }) => `${field}: ${message}`).join("; ");
  return fields || problem.message;
}

/** Something good that has happened. @param {{ children?: Children }} props */
export function Done({ children }) {
  return html`<p class="notice done" role="status">${children}</p>`;
}

/** What an empty page says, and what to do about it. @param {{ text: string, children?: Children }} props */
export function Empty({ text, children }) {
  return html`<div class="empty"><p>${text}</p>${children}</div>`;
}

/** A labelled input; `value` is what it begins with, and what people type stays when the page is drawn anew.
 * @param {Record<string, unknown> & { label: string, hint?: string, name: string, value?: string | number }} props */
export function Field({ label, hint, name, value, ...input }) {
  return html`<label class="field">
    <span>${label}</span>
    <input name=${name} id=${name} defaultValue=${value} aria-describedby=${hint ? `${name}-hint` : undefined} ...${input} />
    ${hint && html`<small id=${`${name}-hint`}>${hint}</small>`}
  </label>`;
}

/** A form that does one thing at a time, and says how it goes.
 * @param {{ act: (values: Record<string, string>, onTry: (tries: number) => void) => Promise<unknown>,
 *           submit: string, danger?: boolean, children?: Children }} props */
export function Form({ act, submit, danger, children }) {
  const { busy, tries, problem, run } = useAction(act);
  const onSubmit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    run(/** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form))));
  };
  return html`<form onSubmit=${onSubmit} novalidate>
    ${children}
    <${Trouble} problem=${problem} />
    <button class=${danger ? "danger" : ""} disabled=${busy} aria-busy=${busy}>${submit}</button>
    ${tries > 1 && html`<p class="small" role="status">${t.retrying(tries)}</p>`}
  </form>`;
}

/** Something to do, at most once at a time: a second click while it runs does nothing.
 * @template A
 * @param {(argument: A, onTry: (tries: number) => void) => Promise<unknown>} act */
export function useAction(act) {
  const [state, setState] = useState({ busy: false, tries: 0, problem: /** @type {unknown} */ (null) });
  const run = async (/** @type {A} */ argument) => {
    if (state.busy) return;
    setState({ busy: true, tries: 1, problem: null });
    try {
      await act(argument, (tries) => setState({ busy: true, tries, problem: null }));
      setState({ busy: false, tries: 0, problem: null });
    } catch (problem) {
      setState({ busy: false, tries: 0, problem });
    }
  };
  return { ...state, run };
}

/** What `read` gives, once it does; `again` reads anew.
 * @template T @param {() => Promise<T>} read @param {unknown[]} inputs
 * @returns {{ value: T | null, problem: unknown, again: () => void, set: (value: T) => void }} */
export function useReading(read, inputs) {
  const [state, setState] = useState({ value: /** @type {any} */ (null), problem: /** @type {unknown} */ (null) });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    read().then(
      (value) => current && setState({ value, problem: null }),
      (problem) => current && setState((before) => ({ ...before, problem })),
    );
    return () => {
      current = false;
    };
  }, [...inputs, round]);
  return {
    ...state,
    again: () => setRound((before) => before + 1),
    set: (value) => setState({ value, problem: null }),
  };
}
