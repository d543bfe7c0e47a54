// A face's probabilities over time, drawn by uPlot; the legend below shows the values under the pointer.
import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { clock } from "./clock.js";

const HEIGHT = 240;
// Lines of one colour family differ by their dashes too: colour is never the only mark.
const DASHES = { disgust: [8, 4], fear: [2, 4], surprise: [10, 4, 2, 4], contempt: [4, 4] };
// Steps of the time axis in seconds that read well as minutes and hours.
const TICKS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];

export class TimelineChart {
  #root;
  #timeline;
  #plot = null;
  #sizes = null;

  constructor(root, timeline) {
    this.#root = root;
    this.#timeline = timeline;
  }

  start() {
    if (this.#plot) return;
    this.#plot = new uPlot(this.#options(), this.#timeline.columns, this.#root);
    this.#sizes = new ResizeObserver(() => this.#resize());
    this.#sizes.observe(this.#root);
  }

  stop() {
    this.#sizes?.disconnect();
    this.#plot?.destroy();
    this.#plot = this.#sizes = null;
  }

  restart() {
    this.stop();
    this.start();
  }

  #resize() {
    const width = this.#root.clientWidth;
    if (width && width !== this.#plot.width) this.#plot.setSize({ width, height: HEIGHT });
  }

  #options() {
    return {
      width: this.#root.clientWidth || 600,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false }, points: { size: 7 } },
      scales: { x: { time: false, range: (_, low, high) => this.#rangeOf(low, high) }, y: { range: [0, 1] } },
      axes: this.#axes(),
      series: [{}, ...this.#timeline.labels.map((label) => this.#series(label))],
      hooks: { setCursor: [(plot) => this.#showValues(plot.cursor.idx)] },
    };
  }

  // All faces share the session's time axis, until a visitor zooms into a part of it.
  #rangeOf(low, high) {
    const seconds = this.#timeline.columns[0];
    const zoomed = low > seconds[0] || high < seconds.at(-1);
    return zoomed ? [low, high] : [0, this.#timeline.end];
  }

  #axes() {
    const style = { stroke: this.#colour("--ink-soft"), font: `12px ${this.#colour("--font")}` };
    const grid = { stroke: this.#colour("--line"), width: 1 };
    const ticks = { show: false };
    return [
      { ...style, grid: { show: false }, ticks, size: 28, incrs: TICKS_S, space: 64, values: (_, marks) => marks.map(clock) },
      { ...style, grid, ticks, size: 44, incrs: [0.25, 0.5], values: (_, marks) => marks.map(percent) },
    ];
  }

  #series(label) {
    const own = this.#colour(`--expression-${label}`);
    return {
      label,
      stroke: own || this.#colour("--ink-soft"),
      width: 1.75,
      dash: DASHES[label],
      points: { show: this.#timeline.columns[0].length < 3 },
    };
  }

  #colour(property) {
    return getComputedStyle(this.#root).getPropertyValue(property).trim();
  }

  #showValues(index) {
    const legend = this.#root.parentElement.querySelector("[data-legend]");
    this.#timeline.labels.forEach((label, position) => {
      const value = index == null ? null : this.#timeline.columns[position + 1][index];
      const place = legend?.querySelector(`[data-label="${CSS.escape(label)}"] [data-value]`);
      if (place) place.textContent = value == null ? "" : percent(value);
    });
  }
}

function percent(fraction) {
  return `${Math.round(100 * fraction)}%`;
}
