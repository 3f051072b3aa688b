// Who the user is, and the end of the session.

import { ask, get } from "../api.js";
import { Problem } from "../problem.js";
import * as session from "../session.js";
import { moment, t } from "../texts.js";
import { html, useState } from "../vendor/preact.js";
import { Done, Field, Form, Trouble, useAction, useReading } from "../view.js";

export function Profile() {
  const path = `/profiles/${session.userId()}`;
  const profile = useReading(() => get(path), [path]);
  const [saved, setSaved] = useState(false);
  const save = async (/** @type {Record<string, string>} */ { fullName, age }) => {
    setSaved(false);
    const changes = { fullName: fullName.trim() || null, age: /^\d+$/.test(age) ? Number(age) : age || null };
    profile.set(await ask("PATCH", path, { body: JSON.stringify(changes) }));
    setSaved(true);
  };
  const leave = useAction(async (/** @type {boolean} */ everywhere) => {
    await session.signOut(everywhere).catch(() => {
      throw new Problem({ status: 400, detail: t.profile.unanswered });
    });
  });
  const user = profile.value;
  return html`<h1>${t.profile.title}</h1>
    <${Trouble} problem=${profile.problem} retry=${profile.again} />
    ${
      user &&
      html`<article>
      <dl class="facts">
        <dt>${t.profile.login}</dt><dd>${user.login}</dd>
        <dt>${t.profile.email}</dt><dd>${user.email}</dd>
        <dt>${t.profile.since}</dt><dd>${moment(user.createdAt)}</dd>
      </dl>
      ${saved && html`<${Done}>${t.profile.saved}<//>`}
      <${Form} act=${save} submit=${t.save}>
        <${Field} name="fullName" label=${t.profile.fullName} value=${user.fullName ?? ""} autocomplete="name" />
        <${Field} name="age" label=${t.profile.age} value=${user.age ?? ""} inputmode="numeric" />
      <//>
    </article>`
    }
    ${
      (user || profile.problem) &&
      html`<article>
      <div class="row">
        <button class="outline" disabled=${leave.busy} onClick=${() => leave.run(false)}>${t.profile.signOut}</button>
        <button class="outline secondary" disabled=${leave.busy} onClick=${() => leave.run(true)}>${t.profile.signOutEverywhere}</button>
      </div>
      <p class="small">${t.profile.signOutNote}</p>
      <${Trouble} problem=${leave.problem} />
    </article>`
    }`;
}
