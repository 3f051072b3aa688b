// One order: what it is, what has happened to it, and what can.

import { get } from "../api.js";
import { execute } from "../commands.js";
import { minor, money } from "../money.js";
import { expect, news } from "../notices.js";
import { Problem } from "../problem.js";
import { moment, t } from "../texts.js";
import { html, useEffect, useState } from "../vendor/preact.js";
import { Field, Form, Link, Trouble, useAction, useReading } from "../view.js";
import { quantity, State } from "./orders.js";

/** @param {{ id: string }} props */
export function Order({ id }) {
  const reading = useReading(() => get(`/orders/${id}`), [id]);
  const paid = reading.value?.paidAt;
  const payment = useReading(async () => (paid ? get(`/billing/payments/${id}`) : null), [id, paid]);
  const again = () => {
    reading.again();
    payment.again();
  };
  useEffect(() => news.add(again), [id]);
  const order = reading.value;
  const [changed, setChanged] = useState(false);
  const change = async (/** @type {Record<string, unknown>} */ event, /** @type {any} */ onTry) => {
    try {
      setChanged(false);
      reading.set(await execute(id, event, onTry));
      expect();
    } catch (problem) {
      // It may have happened all the same, or something else may have: show what is true.
      if (problem instanceof Problem && problem.status !== 402) reading.again();
      if (problem instanceof Problem && problem.status === 409) setChanged(true);
      else throw problem;
    }
  };
  if (!order) return html`<h1>${t.orders.one}</h1><${Trouble} problem=${reading.problem} retry=${reading.again} />`;
  return html`<h1>${t.orders.number(order.orderNumber)} <${State} state=${order.state} /></h1>
    ${changed && html`<p class="notice trouble" role="alert">${t.order.changed}</p>`}
    <article>
      <dl class="facts">
        <dt>${t.orders.quantity}</dt><dd>${t.orders.pieces(order.productQuantity)}</dd>
        <dt>${t.order.price}</dt><dd>${money(minor(order.unitPrice))}</dd>
        <dt>${t.order.total}</dt><dd><strong>${order.amount === null ? "–" : money(minor(order.amount))}</strong></dd>
        ${paid && html`<dt>${t.order.payment}</dt><dd>${t.order.payments[payment.value?.state] ?? "…"}</dd>`}
      </dl>
      <${Trouble} problem=${payment.problem} retry=${payment.again} />
      <${Actions} key=${order.state + order.version} order=${order} change=${change} />
    </article>
    <article aria-labelledby="timeline">
      <h2 id="timeline">${t.order.timeline}</h2>
      <ol class="timeline">
        ${timeline(order, payment.value).map(
          ([label, at, note]) => html`<li key=${label}><strong>${label}</strong> <small>${moment(at)}</small>
            ${note && html`<p>${note}</p>`}</li>`,
        )}
      </ol>
    </article>`;
}

/** What the order's state allows, and nothing else. @param {{ order: any, change: any }} props */
function Actions({ order, change }) {
  const [open, setOpen] = useState("");
  const pay = useAction((/** @type {undefined} */ _, onTry) => change({ event: "CONFIRM" }, onTry));
  const complete = useAction((/** @type {undefined} */ _, onTry) => change({ event: "COMPLETE" }, onTry));
  const toggle = (/** @type {string} */ name) => setOpen(open === name ? "" : name);
  const poor = pay.problem instanceof Problem && pay.problem.status === 402;
  if (order.state === "COMPLETED" || order.state === "CANCELED") return null;
  return html`<div class="row">
      ${
        order.state === "CREATED" &&
        order.amount !== null &&
        html`<button disabled=${pay.busy} aria-busy=${pay.busy} onClick=${() => pay.run(undefined)}>
        ${pay.busy ? t.order.paying : t.order.pay(money(minor(order.amount)))}</button>`
      }
      ${
        order.state === "CREATED" &&
        html`<button class="outline" aria-expanded=${open === "edit"} onClick=${() => toggle("edit")}>${t.order.change}</button>`
      }
      ${
        order.state === "PAID" &&
        html`<button disabled=${complete.busy} onClick=${() => complete.run(undefined)}>
        ${t.order.complete}</button>`
      }
      <button class="outline secondary" aria-expanded=${open === "cancel"} onClick=${() => toggle("cancel")}>${t.order.cancelOrder}</button>
    </div>
    ${pay.tries > 1 && html`<p class="small" role="status">${t.retrying(pay.tries)}</p>`}
    ${
      poor
        ? html`<div class="notice trouble" role="alert">
          <p>${t.order.notEnough}</p>
          <${Link} to=${`/?do=topUp&back=/orders/${order.id}`} role="button">${t.order.topUpFirst}<//>
        </div>`
        : html`<${Trouble} problem=${pay.problem ?? complete.problem} />`
    }
    ${
      open === "edit" &&
      html`<${Form} submit=${t.save}
      act=${(/** @type {any} */ values, /** @type {any} */ onTry) =>
        change({ event: "EDIT", productQuantity: quantity(values.quantity) }, onTry)}>
      <${Field} name="quantity" label=${t.orders.quantity} inputmode="numeric" value=${order.productQuantity ?? ""} />
    <//>`
    }
    ${
      open === "cancel" &&
      html`<${Form} submit=${t.order.confirmCancel} danger
      act=${(/** @type {any} */ { reason }, /** @type {any} */ onTry) =>
        change({ event: "CANCEL", ...(reason.trim() ? { reason } : {}) }, onTry)}>
      ${order.state === "PAID" && html`<p>${t.order.refundNote}</p>`}
      <${Field} name="reason" label=${t.order.reason} maxlength="500" />
    <//>`
    }`;
}

/** @param {any} order @param {any} payment null for an order that was never paid
 * @returns {[string, string, string?][]} */
function timeline(order, payment) {
  const steps = /** @type {[string, string | null, string?][]} */ ([
    [t.order.created, order.createdAt],
    [t.order.paid, order.paidAt],
    [t.order.completed, order.completedAt],
    [t.order.canceled, order.canceledAt, order.cancelReason ?? undefined],
    [t.order.refunded, payment?.returnedAt ?? null, money(minor(payment?.amount))],
  ]);
  return /** @type {any} */ (steps.filter(([, at]) => at));
}
