// The user's orders, newest first, and how one is made.

import { once } from "../commands.js";
import { minor, money } from "../money.js";
import { Problem } from "../problem.js";
import { go, place } from "../router.js";
import { moment, t } from "../texts.js";
import { html } from "../vendor/preact.js";
import { Empty, Field, Form, Link, Trouble } from "../view.js";
import { More, usePages } from "./paged.js";

export function Orders() {
  const state = place().query.get("state") ?? "";
  const pages = usePages(`/orders?limit=20${state ? `&state=${state}` : ""}`);
  return html`<h1>${t.orders.title}</h1>
    <nav class="filters" aria-label=${t.orders.byState}>
      ${[["", t.orders.all], ...Object.entries(t.orders.states)].map(
        ([value, label]) =>
          html`<${Link} to=${value ? `/orders?state=${value}` : "/orders"} current=${value === state}>${label}<//>`,
      )}
    </nav>
    <${Trouble} problem=${pages.problem} retry=${pages.again} />
    ${
      pages.items?.length === 0 &&
      html`<${Empty} text=${t.orders.empty}><${Link} to="/" role="button">${t.orders.newOrder}<//><//>`
    }
    ${pages.items && html`<${OrderList} orders=${pages.items} />`}
    <${More} pages=${pages} />`;
}

/** @param {{ orders: any[] }} props */
export function OrderList({ orders }) {
  if (orders.length === 0) return null;
  return html`<ul class="list">
    ${orders.map(
      (order) => html`<li key=${order.id}>
        <${Link} to=${`/orders/${order.id}`} class="line">
          <span><strong>${t.orders.number(order.orderNumber)}</strong><br />
            <small>${t.orders.pieces(order.productQuantity)} · ${moment(order.createdAt)}</small></span>
          <span><span class="amount">${order.amount === null ? "" : money(minor(order.amount))}</span><br /><${State} state=${order.state} /></span>
        <//>
      </li>`,
    )}
  </ul>`;
}

/** @param {{ state: string }} props */
export function State({ state }) {
  return html`<span class=${`state ${state.toLowerCase()}`}>${t.orders.states[state]}</span>`;
}

export function NewOrder() {
  const create = async (/** @type {Record<string, string>} */ values, /** @type {(tries: number) => void} */ onTry) => {
    const order = await once("order", "/orders", JSON.stringify({ productQuantity: quantity(values.quantity) }), onTry);
    go(`/orders/${order.id}`);
  };
  return html`<${Form} act=${create} submit=${t.orders.create}>
    <${Field} name="quantity" label=${t.orders.quantity} inputmode="numeric" value="1" autocomplete="off" />
  <//>`;
}

/** @param {string} text */
export function quantity(text) {
  const pieces = Number(text);
  if (!/^\d{1,9}$/.test(text.trim()) || pieces < 1) throw new Problem({ status: 422, detail: t.orders.noQuantity });
  return pieces;
}
