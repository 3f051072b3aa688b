// The balance over time, drawn by uPlot. The list below it says the same in words.

import { minor, money } from "../money.js";
import { t } from "../texts.js";
import { html, useEffect, useRef } from "../vendor/preact.js";

const HEIGHT = 200;
const MONEY_WIDTH = 84;

/** @param {{ entries: any[] }} props newest first */
export function BalanceChart({ entries }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    const element = /** @type {HTMLDivElement} */ (place.current);
    const drawn = draw(element, entries);
    const fit = () => drawn.then((plot) => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    addEventListener("resize", fit);
    return () => {
      removeEventListener("resize", fit);
      drawn.then((plot) => plot.destroy());
    };
  }, [entries]);
  return html`<div class="chart" ref=${place} role="img" aria-label=${t.statement.chart}></div>`;
}

/** @param {HTMLDivElement} element @param {any[]} entries */
async function draw(element, entries) {
  // Only this page needs it, and it is the largest file.
  const { default: Plot } = await import("../vendor/uplot.js");
  const style = getComputedStyle(element);
  const [ink, line, area] = ["muted-color", "primary", "primary-focus"].map((name) =>
    style.getPropertyValue(`--pico-${name}`),
  );
  const oldestFirst = [...entries].reverse();
  const axis = { stroke: ink, grid: { show: false }, ticks: { show: false }, font: "12px system-ui" };
  return new Plot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      scales: { y: { range: (_, low, high) => [Math.min(0, low), Math.max(high, 1) * 1.1] } },
      axes: [
        { ...axis, space: 90 },
        { ...axis, size: MONEY_WIDTH, values: (_, ticks) => ticks.map((tick) => money(Math.round(tick))) },
      ],
      series: [
        {},
        { stroke: line, width: 2, fill: area, points: { show: false }, paths: Plot.paths.stepped?.({ align: 1 }) },
      ],
    },
    [
      [...oldestFirst.map((entry) => Date.parse(entry.createdAt) / 1000), Date.now() / 1000],
      [...oldestFirst, entries[0]].map((entry) => minor(entry.balanceAfter)),
    ],
    element,
  );
}
