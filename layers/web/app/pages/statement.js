// What has moved the balance, newest first, and how it went.

import { minor, money } from "../money.js";
import { moment, t } from "../texts.js";
import { html } from "../vendor/preact.js";
import { Empty, Link, Trouble } from "../view.js";
import { BalanceChart } from "./chart.js";
import { More, usePages } from "./paged.js";

export function Statement() {
  const pages = usePages("/billing/account/transactions?limit=50");
  return html`<h1>${t.statement.title}</h1>
    <${Trouble} problem=${pages.problem} retry=${pages.again} />
    ${pages.items?.length === 0 &&
    html`<${Empty} text=${t.statement.empty}><${Link} to="/?do=topUp" class="button">${t.statement.emptyAction}<//><//>`}
    ${pages.items?.length &&
    html`<section class="card" aria-label=${t.statement.chart}><${BalanceChart} entries=${pages.items} /></section>
      <ul class="list">
        ${pages.items.map(
          (entry) => html`<li key=${entry.id} class="between">
            <span><strong>${t.statement.kinds[entry.kind] ?? entry.kind}</strong>
              ${entry.orderId && html` <${Link} to=${`/orders/${entry.orderId}`}>${t.statement.forOrder}<//>`}<br />
              <small>${moment(entry.createdAt)}</small></span>
            <span class="end"><span class=${entry.amount < 0 ? "" : "plus"}>${money(minor(entry.amount))}</span><br />
              <small>${money(minor(entry.balanceAfter))}</small></span>
          </li>`,
        )}
      </ul>`}
    <${More} pages=${pages} />`;
}
