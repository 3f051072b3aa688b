// Requests to the API: with a token that is good, and every failure a Problem.

import * as session from "./session.js";
import { API } from "./stage.js";

const PATIENCE_MS = 15_000;

/** Why a request has not done what it should: the API's problem document, or no answer at all (status 0). */
export class Problem extends Error {
  /** @param {{ status: number, code?: string, title?: string, detail?: string, requestId?: string,
   *            errors?: { field: string, message: string }[] }} document
   *  @param {number | null} retryAfter seconds, when the API says when to try again */
  constructor(document, retryAfter = null) {
    super(document.detail ?? document.title ?? "");
    this.status = document.status;
    this.code = document.code ?? "";
    this.requestId = document.requestId ?? "";
    this.errors = document.errors ?? [];
    this.retryAfter = retryAfter;
  }

  /** Whether the same request, sent again, may do better: nobody has answered, or the platform is busy. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500 || this.retryAfter !== null;
  }
}

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
    throw new Problem({ status: 0, code: navigator.onLine ? "unanswered" : "offline" });
  }
}

/** @param {Response} response */
async function problemOf(response) {
  const wait = response.headers.get("retry-after");
  const document = await response.json().catch(() => ({}));
  return new Problem({ ...document, status: response.status }, wait === null ? null : Number(wait));
}
