// Requests to the API: with a token that is good, and every failure a Problem.

import { problemOf, unanswered } from "./problem.js";
import * as session from "./session.js";
import { API } from "./stage.js";

const PATIENCE_MS = 15_000;

/** @param {string} path @returns {Promise<any>} */
export function get(path) {
  return ask("GET", path);
}

/** One request; gives the body of the answer. `body` is JSON text. Raises Problem.
 * @param {string} method @param {string} path
 * @param {{ body?: string, key?: string }} options
 * @returns {Promise<any>} */
export async function ask(method, path, { body, key } = {}) {
  let token = await session.accessToken();
  let response = await send(method, path, token, body, key);
  if (response.status === 401 && token) {
    const { code } = await response.clone().json();
    if (code !== "session-ended") {
      await session.renew(token);
      token = await session.accessToken();
      if (token) response = await send(method, path, token, body, key);
    }
    if (response.status === 401) session.endedElsewhere();
  }
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? null : response.json();
}

/** @param {string} method @param {string} path @param {string | null} token
 *  @param {string} [body] @param {string} [key] */
async function send(method, path, token, body, key) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  if (key) headers["idempotency-key"] = key;
  try {
    return await fetch(API + path, { method, headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw unanswered();
  }
}
