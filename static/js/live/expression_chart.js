import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { axisStyle } from "../lib/chart_axis.js";
import { WINDOW_S } from "./expression_history.js";

const REDRAW_MS = 250;
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 2], [12, 5], [1, 4], [6, 2, 1, 2]]; // in addition to color, one dash pattern per label

/** Lines of the chosen face's probabilities over the last 60 s, and a legend with their averages. */
export class ExpressionChart {
  #root;
  #canvasRoot;
  #legend;
  #texts;
  #clock;
  #plot = null;
  #labels = [];
  #drawnAt = -Infinity;
  #themes = new MutationObserver(() => this.#rebuild());
  #system = window.matchMedia("(prefers-color-scheme: dark)");
  #systemChanged = () => this.#rebuild();
  #sizes = new ResizeObserver(() => this.#resize());

  /** root holds [data-chart-canvas] and [data-chart-legend]. */
  constructor(root, { texts, clock }) {
    this.#root = root;
    this.#canvasRoot = root.querySelector("[data-chart-canvas]");
    this.#legend = root.querySelector("[data-chart-legend]");
    this.#texts = texts;
    this.#clock = clock;
  }

  start() {
    this.#themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.#system.addEventListener("change", this.#systemChanged);
    this.#sizes.observe(this.#canvasRoot);
    this.#rebuild();
  }

  stop() {
    this.#themes.disconnect();
    this.#system.removeEventListener("change", this.#systemChanged);
    this.#sizes.disconnect();
    this.#plot?.destroy();
    this.#plot = null;
  }

  useLabels(labels) {
    this.#labels = labels;
    this.#rebuild();
    this.#drawLegend();
  }

  /** Draws at most four times a second. */
  draw(history, faceId) {
    const now = this.#clock.now();
    if (now - this.#drawnAt < REDRAW_MS) return;

    this.#drawnAt = now;
    const columns = history.columns(faceId, now / 1000);
    this.#plot?.setData(columns);
    this.#root.dataset.points = String(columns[0].length);
    this.#drawMeans(history.means(faceId));
  }

  #rebuild() {
    const data = this.#plot?.data;
    this.#plot?.destroy();
    const columns = data?.length === this.#labels.length + 1 ? data : [[], ...this.#labels.map(() => [])];
    this.#plot = new uPlot(this.#options(), columns, this.#canvasRoot);
  }

  #resize() {
    if (this.#plot && this.#canvasRoot.clientWidth > 0) this.#plot.setSize(this.#size);
  }

  /** The style sheet decides how large the chart is. */
  get #size() {
    return { width: Math.max(this.#canvasRoot.clientWidth, 1), height: Math.max(this.#canvasRoot.clientHeight, 1) };
  }

  #options() {
    const color = colors(this.#root);
    const axis = axisStyle(color);
    return {
      ...this.#size,
      padding: [10, 24, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      select: { show: false },
      scales: { x: { time: false, range: [-WINDOW_S, 0] }, y: { range: [0, 1] } },
      axes: [
        { ...axis, size: 36, gap: 10, grid: { show: false }, incrs: [15, 30], values: (_plot, ticks) => ticks.map((tick) => this.#texts.phrase("seconds", { s: this.#texts.number(tick) })) },
        { ...axis, size: 52, incrs: [0.25, 0.5], values: (_plot, ticks) => ticks.map((tick) => this.#texts.percent(tick)) },
      ],
      series: [{}, ...this.#labels.map((label, index) => this.#series(label, index, color))],
    };
  }

  #series(label, index, color) {
    return { label, stroke: expressionColor(color, label), width: 2, dash: DASHES[index % DASHES.length], points: { show: false } };
  }

  #drawLegend() {
    this.#legend.replaceChildren(...this.#labels.map((label, index) => this.#legendItem(label, index)));
  }

  #legendItem(label, index) {
    const item = document.createElement("li");
    item.dataset.label = label;
    const name = document.createElement("span");
    name.textContent = this.#texts.label(label);
    const share = document.createElement("span");
    share.className = "chart-legend__share numbers";
    item.append(dashSample(DASHES[index % DASHES.length]), name, share);
    return item;
  }

  #drawMeans(means) {
    [...this.#legend.children].forEach((item, index) => {
      item.lastChild.textContent = means.length > 0 ? this.#texts.percent(means[index]) : "";
    });
  }
}

function dashSample(dash) {
  const SVG = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "line");
  for (const [name, value] of Object.entries({ width: 28, height: 8, "aria-hidden": "true" })) svg.setAttribute(name, value);
  for (const [name, value] of Object.entries({ x1: 0, y1: 4, x2: 28, y2: 4, "stroke-dasharray": dash.join(" ") })) line.setAttribute(name, value);
  svg.append(line);
  return svg;
}

function colors(element) {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(name).trim();
}

function expressionColor(color, label) {
  return color(`--expression-${label}`) || color("--accent");
}
