// Who is signed in: authorization code with PKCE (RFC 7636) at the hosted login, and tokens that renew themselves.
//
// Tokens live in memory, and in sessionStorage so that a reload keeps them; never in an address or a log. Tabs tell each
// other of new ones, and one of them renews for all: a refresh token serves once (docs/decisions/0038).

import { Listeners } from "./listeners.js";
import { problemOf, unanswered } from "./problem.js";
import { API, CLIENT_ID, HOSTED_LOGIN } from "./stage.js";

const TOKENS = "tokens";
const LEAVING = "sign-in";
const CALLBACK = `${location.origin}/app/callback`;
const SOON_SECONDS = 30;
const HEARD_MS = 150;

/** @typedef {{ access: string, refresh: string }} Tokens */

/** @type {Tokens | null} */
let tokens = null;
/** Somebody comes or goes; true when a session was ended elsewhere. @type {Listeners<boolean>} */
export const changes = new Listeners();
const tabs = new BroadcastChannel("session");

export class SignInError extends Error {}

export function isSignedIn() {
  return tokens !== null;
}

export function userId() {
  return /** @type {string} */ (claims().sub);
}

/** Take up the session of before a reload, or that of another tab. */
export async function restore() {
  const kept = sessionStorage.getItem(TOKENS);
  if (kept) {
    tokens = JSON.parse(kept);
  } else {
    tabs.postMessage({ asks: true });
    await new Promise((done) => setTimeout(done, HEARD_MS));
  }
}

tabs.onmessage = (/** @type {MessageEvent} */ { data }) => {
  if (data.asks && tokens) tabs.postMessage({ tokens });
  if (data.tokens) keep(data.tokens, { tell: false });
  if (data.gone) forget({ ended: data.ended, tell: false });
};

/** Leave for the login page; `back` is where to go on afterwards.
 * @param {string} back */
export async function signIn(back) {
  const leaving = { state: randomText(), verifier: randomText(), back };
  sessionStorage.setItem(LEAVING, JSON.stringify(leaving));
  location.assign(
    hosted("/oauth2/authorize", {
      response_type: "code",
      client_id: CLIENT_ID,
      redirect_uri: CALLBACK,
      scope: "openid email profile",
      state: leaving.state,
      code_challenge: await challengeOf(leaving.verifier),
      code_challenge_method: "S256",
    }),
  );
}

/** Exchange the login page's answer for tokens; gives where to go on. Raises SignInError for an answer that is not to
 * our question.
 * @param {URLSearchParams} answer */
export async function finishSignIn(answer) {
  const leaving = JSON.parse(sessionStorage.getItem(LEAVING) ?? "null");
  sessionStorage.removeItem(LEAVING);
  if (!leaving || answer.get("state") !== leaving.state) throw new SignInError("forged");
  const code = answer.get("code");
  if (!code) throw new SignInError("refused");
  const response = await fetch(hosted("/oauth2/token"), {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: CLIENT_ID,
      redirect_uri: CALLBACK,
      code,
      code_verifier: leaving.verifier,
    }),
  });
  if (!response.ok) throw new SignInError("refused");
  const given = await response.json();
  keep({ access: given.access_token, refresh: given.refresh_token });
  return /** @type {string} */ (leaving.back);
}

/** An access token that is good for a while yet; null when nobody is signed in. */
export async function accessToken() {
  if (tokens && Number(claims().exp) - Date.now() / 1000 < SOON_SECONDS) await renew(tokens.access);
  return tokens?.access ?? null;
}

/** Exchange the refresh token, unless another tab has done so since `stale` was the access token. Raises Problem when
 * that could not be found out; who is refused has no session any more.
 * @param {string} stale */
export function renew(stale) {
  return navigator.locks.request("renew", async () => {
    if (tokens?.access !== stale) return;
    const response = await fetch(`${API}/refresh`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refreshToken: tokens.refresh }),
    }).catch(() => {
      throw unanswered();
    });
    if (response.status === 401) return forget({ ended: true });
    if (!response.ok) throw await problemOf(response);
    const given = await response.json();
    keep({ access: given.token, refresh: given.refreshToken });
    // Whichever tab has the lock next must have heard of them.
    await new Promise((done) => setTimeout(done, HEARD_MS));
  });
}

/** The API has said that the session is over. */
export function endedElsewhere() {
  forget({ ended: true });
}

/** End this session, or all of the user's; then the login page's own, which would sign in again without asking.
 * @param {boolean} everywhere */
export async function signOut(everywhere) {
  const access = await accessToken();
  if (access && tokens) {
    const response = await fetch(`${API}/logout`, {
      method: "POST",
      headers: { authorization: `Bearer ${access}`, "content-type": "application/json" },
      body: JSON.stringify({ everywhere, refreshToken: tokens.refresh }),
    });
    // 401: it had ended before.
    if (!response.ok && response.status !== 401) throw new SignInError("unanswered");
  }
  forget({ ended: false });
  location.assign(hosted("/logout", { client_id: CLIENT_ID, logout_uri: `${location.origin}/app` }));
}

/** @param {Tokens} given */
function keep(given, { tell = true } = {}) {
  tokens = given;
  sessionStorage.setItem(TOKENS, JSON.stringify(given));
  if (tell) tabs.postMessage({ tokens });
  changes.tell(false);
}

/** @param {{ ended: boolean, tell?: boolean }} how */
function forget({ ended, tell = true }) {
  if (!tokens) return;
  tokens = null;
  sessionStorage.removeItem(TOKENS);
  if (tell) tabs.postMessage({ gone: true, ended });
  changes.tell(ended);
}

/** What the access token says. To show and to plan by: the API believes nothing that it hasn't verified. */
function claims() {
  const part = (tokens?.access ?? "..").split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return part ? JSON.parse(atob(part)) : {};
}

/** @param {string} path @param {Record<string, string>} query */
function hosted(path, query = {}) {
  const address = new URL(HOSTED_LOGIN + path);
  address.search = new URLSearchParams(query).toString();
  return address;
}

/** @param {string} verifier */
async function challengeOf(verifier) {
  return base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
}

function randomText() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)).buffer);
}

/** @param {ArrayBuffer} bytes */
function base64url(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
