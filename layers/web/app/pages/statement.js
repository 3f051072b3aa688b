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
    ${pages.items && (pages.items.length > 0 ? html`<${Entries} entries=${pages.items} />` : html`<${NoEntries} />`)}
    <${More} pages=${pages} />`;
}

function NoEntries() {
  return html`<${Empty} text=${t.statement.empty}>
    <${Link} to="/?do=topUp" role="button">${t.statement.emptyAction}<//>
  <//>`;
}

/** @param {{ entries: any[] }} props */
function Entries({ entries }) {
  return html`<article><${BalanceChart} entries=${entries} /></article>
    <ul class="list">
      ${entries.map(
        (entry) => html`<li key=${entry.id}>
          <div class="line">
            <span><strong>${t.statement.kinds[entry.kind] ?? entry.kind}</strong>
              ${entry.orderId && html` <${Link} to=${`/orders/${entry.orderId}`}>${t.statement.forOrder}<//>`}<br />
              <small>${moment(entry.createdAt)}</small></span>
            <span><span class=${`amount ${entry.amount < 0 ? "" : "plus"}`}>${money(minor(entry.amount))}</span><br />
              <small class="amount">${money(minor(entry.balanceAfter))}</small></span>
          </div>
        </li>`,
      )}
    </ul>`;
}
