// The balance over time, drawn by uPlot. The list below it says the same in words.

import { money } from "../money.js";
import { minor } from "../money.js";
import { t } from "../texts.js";
import { html, useEffect, useRef } from "../vendor/preact.js";
import Plot from "../vendor/uplot.js";

const HEIGHT = 200;

/** @param {{ entries: any[] }} props newest first */
export function BalanceChart({ entries }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    const element = /** @type {HTMLDivElement} */ (place.current);
    const style = getComputedStyle(element);
    const [ink, line] = ["--ink-soft", "--accent"].map((name) => style.getPropertyValue(name));
    const oldest = [...entries].reverse();
    const times = oldest.map((entry) => Date.parse(entry.createdAt) / 1000);
    const balances = oldest.map((entry) => minor(entry.balanceAfter));
    const axis = { stroke: ink, grid: { show: false }, ticks: { show: false }, font: "12px system-ui" };
    const plot = new Plot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, low, high) => [Math.min(0, low), Math.max(high, 1) * 1.1] } },
        axes: [axis, { ...axis, size: 80, values: (_, ticks) => ticks.map((tick) => money(Math.round(tick))) }],
        series: [{}, { stroke: line, width: 2, fill: `${line}22`, paths: Plot.paths.stepped?.({ align: 1 }) }],
      },
      [times, balances],
      element,
    );
    const fit = () => plot.setSize({ width: element.clientWidth, height: HEIGHT });
    addEventListener("resize", fit);
    return () => {
      removeEventListener("resize", fit);
      plot.destroy();
    };
  }, [entries]);
  return html`<div class="chart" ref=${place} role="img" aria-label=${t.statement.chart}></div>`;
}
