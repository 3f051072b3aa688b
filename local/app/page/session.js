// Signing in and out: authorization code with PKCE (RFC 7636), for a page that can keep no secret.
//
// Tokens are kept in memory alone, where no other page and no later visitor finds them; a reload forgets them. Only
// what must outlive the way to the login page and back lies in sessionStorage, and is taken out as soon as it is used.

const WAITING = "sign-in";

let configuration;
let tokens = null;

export class SignInError extends Error {}

// Where the platform is. To be called first.
export async function configure() {
  configuration = await (await fetch("/configuration.json")).json();
}

export function isSignedIn() {
  return tokens !== null;
}

// Who is signed in, to ask the API about; the API itself believes nothing that it hasn't verified.
export function userId() {
  const claims = tokens.access.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(atob(claims)).sub;
}

// Leave for the login page. `state` binds its answer to this browser, the challenge binds the code to this page.
export async function signIn() {
  const waiting = { state: randomText(), verifier: randomText() };
  sessionStorage.setItem(WAITING, JSON.stringify(waiting));
  location.assign(hosted("/oauth2/authorize", {
    response_type: "code",
    client_id: configuration.clientId,
    redirect_uri: configuration.callbackUrl,
    scope: "openid email profile",
    state: waiting.state,
    code_challenge: await challengeOf(waiting.verifier),
    code_challenge_method: "S256",
  }));
}

// Take the login page's answer out of the address, and exchange its code for tokens.
export async function finishSignIn() {
  const answer = new URLSearchParams(location.search);
  const waiting = JSON.parse(sessionStorage.getItem(WAITING));
  sessionStorage.removeItem(WAITING);
  history.replaceState(null, "", "/");
  if (!waiting || answer.get("state") !== waiting.state) {
    throw new SignInError("That answer does not belong to a sign-in of this browser. Nobody was signed in.");
  }
  if (!answer.has("code")) {
    throw new SignInError("The login page did not let you in.");
  }
  const response = await fetch(hosted("/oauth2/token"), {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: configuration.clientId,
      redirect_uri: configuration.callbackUrl,
      code: answer.get("code"),
      code_verifier: waiting.verifier,
    }),
  });
  if (!response.ok) {
    throw new SignInError("The code of the login page was not accepted. Please sign in again.");
  }
  const given = await response.json();
  tokens = { access: given.access_token, refresh: given.refresh_token };
}

// A request to the API; with a token where there is one.
export function request(method, path, body) {
  const headers = {};
  if (tokens) headers.authorization = `Bearer ${tokens.access}`;
  if (body) headers["content-type"] = "application/json";
  return fetch(configuration.apiUrl + path, { method, headers, body: body && JSON.stringify(body) });
}

// New tokens. The refresh token serves once: the answer has the next one.
export async function refresh() {
  const response = await request("POST", "/refresh", { refreshToken: tokens.refresh });
  if (!response.ok) {
    tokens = null;
    throw new SignInError("Your session has ended. Please sign in again.");
  }
  const given = await response.json();
  tokens = { access: given.token, refresh: given.refreshToken };
}

// What to do when the API refuses the access token: nothing helps where the session has ended, new tokens do elsewhere.
export async function recover(refusal) {
  const { code } = await refusal.json();
  if (code === "session-ended") {
    tokens = null;
    throw new SignInError("Your session has ended. Please sign in again.");
  }
  await refresh();
}

// End the session, or all of the user's; then the login page's own, which would sign in again without asking.
export async function signOut(everywhere) {
  const response = await request("POST", "/logout", { everywhere, refreshToken: tokens.refresh });
  // 401: it had ended before.
  if (!response.ok && response.status !== 401) {
    throw new SignInError("You are still signed in: the platform did not answer. Please try again.");
  }
  tokens = null;
  location.assign(hosted("/logout", { client_id: configuration.clientId, logout_uri: configuration.signOutUrl }));
}

function hosted(path, query = {}) {
  const address = new URL(configuration.hostedLoginUrl + path);
  address.search = new URLSearchParams(query);
  return address;
}

async function challengeOf(verifier) {
  return base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
}

function randomText() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
