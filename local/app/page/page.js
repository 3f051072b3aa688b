// What the page shows, and what its buttons do.

import * as session from "/session.js";

const element = (id) => document.getElementById(id);

function show() {
  element("signed-in").hidden = !session.isSignedIn();
  element("signed-out").hidden = session.isSignedIn();
}

function say(text, { wrong = false } = {}) {
  const notice = element("notice");
  notice.textContent = text;
  notice.classList.toggle("wrong", wrong);
  notice.hidden = !text;
}

// Do something with all buttons off, and say what went wrong.
async function attempt(action) {
  const buttons = document.querySelectorAll("button");
  buttons.forEach((button) => { button.disabled = true; });
  say("");
  try {
    await action();
  } catch (error) {
    const known = error instanceof session.SignInError;
    say(known ? error.message : "The platform can't be reached. Please try again.", { wrong: true });
    if (!known) console.error(error);
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
    show();
  }
}

async function read(path) {
  let response = await session.request("GET", path);
  if (response.status === 401) {
    await session.recover(response);
    response = await session.request("GET", path);
  }
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

async function showUser() {
  const { login, email } = await read(`/profiles/${session.userId()}`);
  const { balance, currency } = await read("/billing/account");
  element("login").textContent = login;
  element("email").textContent = email;
  element("balance").textContent = new Intl.NumberFormat("en", { style: "currency", currency }).format(balance);
}

async function register(form) {
  const response = await session.request("POST", "/register", Object.fromEntries(new FormData(form)));
  if (!response.ok) {
    const problem = await response.json();
    const reasons = (problem.errors ?? []).map(({ field, message }) => `${field} ${message}`);
    throw new session.SignInError(reasons.join("; ") || problem.detail || problem.title);
  }
  form.reset();
  element("new-account").open = false;
  say("Your account is there. You can sign in now.");
}

function on(id, event, action) {
  element(id).addEventListener(event, (happened) => {
    happened.preventDefault();
    attempt(action);
  });
}

on("sign-in", "click", session.signIn);
on("register", "submit", () => register(element("register")));
on("look-again", "click", showUser);
on("refresh", "click", async () => {
  await session.refresh();
  await showUser();
  say("The tokens are new.");
});
on("sign-out", "click", () => session.signOut(false));
on("sign-out-everywhere", "click", () => session.signOut(true));

await attempt(async () => {
  await session.configure();
  if (location.pathname === "/callback") await session.finishSignIn();
  if (session.isSignedIn()) await showUser();
});
