// The app: who is signed in sees the page of the address, everybody else the welcome.

import { Icon } from "./icons.js";
import * as notices from "./notices.js";
import { Account } from "./pages/account.js";
import { Notifications } from "./pages/notifications.js";
import { Order } from "./pages/order.js";
import { Orders } from "./pages/orders.js";
import { Profile } from "./pages/profile.js";
import { Statement } from "./pages/statement.js";
import { Register, Welcome } from "./pages/welcome.js";
import { address, go, moves, place } from "./router.js";
import * as session from "./session.js";
import { t } from "./texts.js";
import { html, render, useEffect, useRef, useState } from "./vendor/preact.js";
import { Link } from "./view.js";

const PAGES = /** @type {Record<string, any>} */ ({
  "": { title: t.nav.account, page: Account },
  orders: { title: t.nav.orders, page: Orders },
  statement: { title: t.nav.statement, page: Statement },
  notifications: { title: t.nav.notifications, page: Notifications },
  profile: { title: t.nav.profile, page: Profile },
});

/** Why somebody is where they did not expect to be, by its name in the texts. */
let said = "";

function App() {
  const [, setRound] = useState(0);
  const { parts, query } = place();
  const [name = "", id] = parts;
  const where = location.pathname + location.search;
  useEffect(() => {
    const again = () => setRound((round) => round + 1);
    moves.add(again);
    session.changes.add((ended) => {
      said = ended ? "ended" : "";
      again();
    });
    addEventListener("online", again);
    addEventListener("offline", again);
  }, []);
  const known = PAGES[name];
  const moved = useRef(false);
  useEffect(() => {
    document.title = known && session.isSignedIn() ? `${known.title} · ${t.product}` : t.product;
    if (moved.current) {
      document.querySelector("main")?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    moved.current = true;
  }, [location.pathname]);
  if (!session.isSignedIn()) {
    return html`<${Frame} name=${name}>${name === "register" ? html`<${Register} />` : html`<${Welcome} back=${where} />`}<//>`;
  }
  const page =
    name === "orders" && id
      ? html`<${Order} key=${id} id=${id} />`
      : known
        ? html`<${known.page} key=${name + query} />`
        : html`<h1>${t.problems.missing}</h1>`;
  return html`<${Frame} name=${name}>${page}<//>`;
}

/** @param {{ name: string, children?: import("preact").ComponentChildren }} props */
function Frame({ name, children }) {
  const unseen = notices.useUnseen();
  return html`<a class="skip" href="#main">${t.skip}</a>
    <header>
      <a class="brand" href=${address("/")}>${t.product}</a>
      ${
        session.isSignedIn() &&
        html`<nav class="places" aria-label=${t.places}>
        ${Object.entries(PAGES).map(
          ([path, { title }]) => html`<${Link} to=${`/${path}`} current=${path === name}>
            <${Icon} name=${path || "account"} />${title}
            ${
              path === "notifications" &&
              unseen > 0 &&
              html`<span class="badge"><span aria-hidden="true">${unseen}</span><span class="hidden">${t.notifications.unseen(unseen)}</span></span>`
            }
          <//>`,
        )}
      </nav>`
      }
    </header>
    <main id="main" tabindex="-1">
      ${!navigator.onLine && html`<p class="notice trouble" role="status">${t.problems.offline}</p>`}
      ${said && html`<p class="notice trouble" role="alert">${t.said[said]}</p>`}
      ${children}
    </main>`;
}

async function start() {
  const { parts, query } = place();
  if (parts[0] === "callback") {
    try {
      go(await session.finishSignIn(query), { replace: true });
    } catch (problem) {
      said = problem instanceof session.SignInError ? problem.message : "refused";
      go("/", { replace: true });
    }
  }
  await session.restore();
  notices.watch();
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  root.textContent = "";
  render(html`<${App} />`, root);
}

start();
