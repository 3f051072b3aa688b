// The balance, what changes it, and the latest orders.

import { get } from "../api.js";
import { giveUp, once, unfinished } from "../commands.js";
import { decimal, minor, money, typed } from "../money.js";
import { expect, news } from "../notices.js";
import { Problem } from "../problem.js";
import { go, place } from "../router.js";
import { t } from "../texts.js";
import { html, useEffect, useState } from "../vendor/preact.js";
import { Done, Empty, Field, Form, Link, Trouble, useAction, useReading } from "../view.js";
import { NewOrder, OrderList } from "./orders.js";

const PATHS = /** @type {Record<string, string>} */ ({
  topUp: "/billing/account/deposit",
  withdraw: "/billing/account/withdraw",
});

export function Account() {
  const account = useReading(() => get("/billing/account"), []);
  const orders = useReading(() => get("/orders?limit=5"), []);
  const [moving, setMoving] = useState(place().query.get("do") ?? "");
  const [done, setDone] = useState("");
  const [left, setLeft] = useState(unfinished());
  const balance = minor(account.value?.balance);
  const again = () => {
    account.again();
    orders.again();
  };
  useEffect(() => news.add(again), []);

  const move = async (/** @type {Record<string, string>} */ values, /** @type {(tries: number) => void} */ onTry) => {
    const units = typed(values.amount);
    if (units === null) throw new Problem({ status: 422, detail: t.account.noAmount });
    const body = `{"amount":${decimal(units)}}`;
    const answer = await once(moving, PATHS[moving], body, onTry);
    moved(moving, units, answer);
  };
  const moved = (/** @type {string} */ kind, /** @type {number} */ units, /** @type {any} */ answer) => {
    account.set({ ...account.value, balance: answer.balance });
    setDone((kind === "topUp" ? t.account.toppedUp : t.account.withdrawn)(money(units)));
    setMoving("");
    setLeft(unfinished());
    expect();
    const back = place().query.get("back");
    if (back) go(back);
  };
  const finish = useAction(async (/** @type {import("../commands.js").Command} */ command, onTry) => {
    const answer = await once(command.name, command.path, command.body, onTry).finally(() => setLeft(unfinished()));
    if (command.name in PATHS) moved(command.name, minor(JSON.parse(command.body).amount), answer);
    else go(`/orders/${answer.id}`);
  });
  const forget = (/** @type {string} */ name) => {
    giveUp(name);
    setLeft(unfinished());
  };
  const toggle = (/** @type {string} */ kind) => {
    setMoving(moving === kind ? "" : kind);
    setDone("");
  };

  return html`<h1>${t.account.title}</h1>
    ${left.map(
      (command) => html`<div class="notice" role="status" key=${command.name}>
        <p>${t.account.unfinished}</p>
        <div class="row">
          <button disabled=${finish.busy} onClick=${() => finish.run(command)}>${t.account.finish}</button>
          <button class="outline secondary" onClick=${() => forget(command.name)}>${t.cancel}</button>
        </div>
      </div>`,
    )}
    <${Trouble} problem=${finish.problem} />
    ${done && html`<${Done}>${done}<//>`}
    <article aria-labelledby="balance">
      <h2 id="balance">${t.account.balance}</h2>
      <p class="figure" data-testid="balance">${account.value ? money(balance) : "…"}</p>
      <${Trouble} problem=${account.problem} retry=${account.again} />
      <div class="row">
        ${Object.keys(PATHS).map(
          (kind) => html`<button
            class=${kind === "topUp" ? "" : "outline"}
            aria-expanded=${moving === kind}
            onClick=${() => toggle(kind)}
          >${/** @type {Record<string, any>} */ (t.account)[kind]}</button>`,
        )}
      </div>
      ${
        moving &&
        html`<${Form} key=${moving} act=${move} submit=${/** @type {Record<string, any>} */ (t.account)[moving]}>
        <${Field} name="amount" label=${t.account.amount} inputmode="decimal" autocomplete="off"
          hint=${t.account.amountHint(money(2500))} />
      <//>`
      }
    </article>
    <article>
      <h2>${t.orders.newOrder}</h2>
      <${NewOrder} />
    </article>
    <section aria-labelledby="recent">
      <div class="between"><h2 id="recent">${t.account.recent}</h2><${Link} to="/orders">${t.account.allOrders}<//></div>
      <${Trouble} problem=${orders.problem} retry=${orders.again} />
      ${orders.value?.items.length === 0 && html`<${Empty} text=${t.orders.first} />`}
      ${orders.value && html`<${OrderList} orders=${orders.value.items} />`}
    </section>`;
}
