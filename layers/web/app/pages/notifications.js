// What the platform has told the user, newest first.

import { markSeen, news } from "../notices.js";
import { moment, t } from "../texts.js";
import { html, useEffect } from "../vendor/preact.js";
import { Empty, Link, Trouble } from "../view.js";
import { More, usePages } from "./paged.js";

export function Notifications() {
  const pages = usePages("/notifications?limit=20");
  useEffect(() => news.add(() => pages.again()), []);
  const newest = pages.items?.[0]?.id;
  useEffect(() => {
    if (newest) markSeen(newest);
  }, [newest]);
  return html`<h1>${t.notifications.title}</h1>
    <${Trouble} problem=${pages.problem} retry=${pages.again} />
    ${pages.items?.length === 0 && html`<${Empty} text=${t.notifications.empty} />`}
    <ul class="list">
      ${pages.items?.map(
        (notice) => html`<li key=${notice.id}>
          <div class="line">
            <span>${notice.orderId ? html`<${Link} to=${`/orders/${notice.orderId}`}>${notice.text}<//>` : notice.text}<br />
              <small>${moment(notice.createdAt)}</small></span>
          </div>
        </li>`,
      )}
    </ul>
    <${More} pages=${pages} />`;
}
