// Notifications as they come: asked for again and again, less often while nothing happens, not while nobody looks.

import { get } from "./api.js";
import { Listeners } from "./listeners.js";
import * as session from "./session.js";
import { useEffect, useState } from "./vendor/preact.js";

const SEEN = "notifications seen";
const SOONEST_MS = 2_000;
const LATEST_MS = 60_000;

/** @typedef {{ id: string, type: string, text: string, orderId: string | null, createdAt: string }} Notice */

/** @type {Notice[]} */
let latest = [];
let pause = SOONEST_MS;
let timer = 0;
/** There is something new, or less that was not seen. @type {Listeners} */
export const news = new Listeners();

/** How many notifications this device has not shown yet. */
export function useUnseen() {
  const [, setRound] = useState(0);
  useEffect(() => news.add(() => setRound((round) => round + 1)), []);
  const seen = localStorage.getItem(SEEN) ?? "";
  const place = latest.findIndex((notice) => notice.id === seen);
  return place < 0 ? latest.length : place;
}

/** This one and all before it have been seen, on this device. @param {string} id */
export function markSeen(id) {
  localStorage.setItem(SEEN, id);
  news.tell();
}

/** Ask soon again: something was done that users are notified of. */
export function expect() {
  pause = SOONEST_MS;
  schedule(SOONEST_MS / 2);
}

/** Begin, and stop when the session does. */
export function watch() {
  session.changes.add(() => (session.isSignedIn() ? expect() : clearTimeout(timer)));
  document.addEventListener("visibilitychange", () => document.hidden || expect());
  if (session.isSignedIn()) look();
}

/** @param {number} ms */
function schedule(ms) {
  clearTimeout(timer);
  timer = window.setTimeout(look, ms);
}

async function look() {
  if (!session.isSignedIn() || document.hidden) return;
  try {
    const { items } = await get("/notifications?limit=20");
    const more = items[0]?.id !== latest[0]?.id;
    pause = more ? SOONEST_MS : Math.min(pause * 1.5, LATEST_MS);
    latest = items;
    if (more) news.tell();
  } catch {
    pause = Math.min(pause * 2, LATEST_MS);
  }
  schedule(pause);
}
