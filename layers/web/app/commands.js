// Commands: what changes something. Each is sent until it is answered, and has its effect once however often it is sent.
//
// A command that the API asks a key for keeps it in sessionStorage until the answer is there: a reload, a second click
// and a lost answer all lead to the same key. The events of an order need none: repeated, they change nothing.

import { ask } from "./api.js";
import { Problem } from "./problem.js";

const TRIES = 5;
const FIRST_PAUSE_MS = 400;
const KEPT = "command ";

/** @typedef {{ name: string, path: string, body: string, key?: string }} Command */

/** Commands that were sent and whose answer is not known, as after a reload. @returns {Command[]} */
export function unfinished() {
  const names = Object.keys(sessionStorage).filter((name) => name.startsWith(KEPT));
  return names.map((name) => JSON.parse(/** @type {string} */ (sessionStorage.getItem(name))));
}

/** Send a command whose effect is by key; give the answer. Raises Problem, the last one when nobody answers.
 * @param {string} name what it does, of which there is one at a time
 * @param {string} path @param {string} body
 * @param {(tries: number) => void} [onTry] called before each further try
 * @returns {Promise<any>} */
export async function once(name, path, body, onTry) {
  const kept = sessionStorage.getItem(KEPT + name);
  const before = /** @type {Command | null} */ (kept && JSON.parse(kept));
  const key = before?.path === path && before.body === body ? before.key : crypto.randomUUID();
  const command = { name, path, body, key };
  sessionStorage.setItem(KEPT + name, JSON.stringify(command));
  try {
    const answer = await untilAnswered(command, onTry);
    sessionStorage.removeItem(KEPT + name);
    return answer;
  } catch (problem) {
    // Refused for good: nothing has happened, and nothing will by this key.
    if (!(problem instanceof Problem && problem.isPassing)) sessionStorage.removeItem(KEPT + name);
    throw problem;
  }
}

/** Forget a command whose answer is not known.
 * @param {string} name */
export function giveUp(name) {
  sessionStorage.removeItem(KEPT + name);
}

/** Have an event happen to an order; give the order. Raises Problem.
 * @param {string} orderId @param {Record<string, unknown>} event
 * @param {(tries: number) => void} [onTry]
 * @returns {Promise<any>} */
export function execute(orderId, event, onTry) {
  return untilAnswered({ name: "execute", path: `/orders/${orderId}/execute`, body: JSON.stringify(event) }, onTry);
}

/** @param {Command} command @param {(tries: number) => void} [onTry] */
async function untilAnswered(command, onTry) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask("POST", command.path, command);
    } catch (problem) {
      if (!(problem instanceof Problem && problem.isPassing) || problem.code === "offline" || tries === TRIES)
        throw problem;
      const pause = problem.retryAfter ? problem.retryAfter * 1000 : FIRST_PAUSE_MS * 2 ** (tries - 1);
      await new Promise((done) => setTimeout(done, pause * (0.75 + Math.random() / 2)));
      onTry?.(tries + 1);
    }
  }
}
