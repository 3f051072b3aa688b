// Money: whole minor units inside, as people write and read it outside. No fraction is ever calculated with.

import { CURRENCY, PLACES } from "./stage.js";

const shown = new Intl.NumberFormat(undefined, { style: "currency", currency: CURRENCY });
const point = shown.formatToParts(1.5).find((part) => part.type === "decimal")?.value ?? ".";

/** Minor units of a number of the API, which has no more places than the currency.
 * @param {number | null | undefined} amount */
export function minor(amount) {
  return amount == null ? 0 : exactly(String(amount));
}

/** @param {number} units */
export function money(units) {
  return shown.format(/** @type {any} */ (decimal(units)));
}

/** The JSON number of minor units, as text: 1250 is 12.50.
 * @param {number} units */
export function decimal(units) {
  const digits = String(Math.abs(units)).padStart(PLACES + 1, "0");
  const whole = digits.slice(0, digits.length - PLACES);
  return `${units < 0 ? "-" : ""}${whole}${PLACES ? `.${digits.slice(-PLACES)}` : ""}`;
}

/** Minor units of what somebody typed, such as "1,250.5" or "1250,50"; null when that is no amount.
 * @param {string} text */
export function typed(text) {
  const plain = text.replace(/[\s\u00a0'’]/g, "").replace(/^[^\d.,-]+|[^\d.,]+$/g, "");
  const other = point === "." ? "," : ".";
  const grouped = new RegExp(`^\\d{1,3}(\\${other}\\d{3})+(\\${point}\\d*)?$`);
  const unified = grouped.test(plain) ? plain.replaceAll(other, "").replace(point, ".") : plain.replace(",", ".");
  if (!/^\d+(\.\d*)?$|^\.\d+$/.test(unified)) return null;
  const places = unified.split(".")[1]?.length ?? 0;
  const units = places > PLACES ? 0 : exactly(unified);
  return units > 0 ? units : null;
}

/** @param {string} text */
function exactly(text) {
  const [whole, fraction = ""] = text.split(".");
  return Number(whole + fraction.padEnd(PLACES, "0"));
}
