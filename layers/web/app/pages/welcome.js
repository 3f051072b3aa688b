// For who is not signed in: what this is, signing in, and an account where the login page makes none.

import { ask } from "../api.js";
import { go } from "../router.js";
import * as session from "../session.js";
import { REGISTERS_HERE } from "../stage.js";
import { t } from "../texts.js";
import { html, useState } from "../vendor/preact.js";
import { Done, Field, Form, Link } from "../view.js";

/** @param {{ back: string }} props where to go on after signing in */
export function Welcome({ back }) {
  return html`<div class="welcome">
    <h1>${t.welcome.title}</h1>
    <p class="lead">${t.welcome.lead}</p>
    <div class="row">
      <button onClick=${() => session.signIn(back)}>${t.welcome.signIn}</button>
      ${REGISTERS_HERE && html`<${Link} to="/register" role="button" class="outline">${t.welcome.register}<//>`}
    </div>
  </div>`;
}

export function Register() {
  const [registered, setRegistered] = useState(/** @type {{ login: string, email: string } | null} */ (null));
  const [confirmed, setConfirmed] = useState(false);
  const register = async (/** @type {Record<string, string>} */ values) => {
    const { confirmed: ready } = await ask("POST", "/register", { body: JSON.stringify(values) });
    setRegistered({ login: values.login, email: values.email });
    setConfirmed(ready !== false);
  };
  const confirm = async (/** @type {Record<string, string>} */ { code }) => {
    await ask("POST", "/register/confirm", { body: JSON.stringify({ login: registered?.login, code }) });
    setConfirmed(true);
  };
  if (registered && confirmed) {
    return html`<div class="narrow">
      <h1>${t.register.title}</h1>
      <${Done}>${t.register.done}<//>
      <button onClick=${() => session.signIn("/app")}>${t.welcome.signIn}</button>
    </div>`;
  }
  if (registered) {
    return html`<div class="narrow">
      <h1>${t.register.confirmTitle}</h1>
      <p>${t.register.sent(registered.email)}</p>
      <${Form} act=${confirm} submit=${t.register.confirm}>
        <${Field} name="code" label=${t.register.code} inputmode="numeric" autocomplete="one-time-code" />
      <//>
    </div>`;
  }
  return html`<div class="narrow">
    <h1>${t.register.title}</h1>
    <${Form} act=${register} submit=${t.register.submit}>
      <${Field} name="login" label=${t.register.login} autocomplete="username" autocapitalize="none" />
      <${Field} name="email" label=${t.register.email} type="email" autocomplete="email" />
      <${Field} name="password" label=${t.register.password} type="password" autocomplete="new-password"
        hint=${t.register.passwordHint} />
    <//>
    <button class="outline secondary" onClick=${() => go("/")}>${t.back}</button>
  </div>`;
}
