// Lines over time, drawn by uPlot. A `drawing` defines what is drawn; the viewer sets the time window.
import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { axisStyle } from "../lib/chart_axis.js";
import { clock, percent } from "./formats.js";

// Intervals of the time axis in seconds that are readable as minutes and hours.
const TICKS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];
const AWAY = { left: -10, top: -10 };

/**
 * A drawing is {height, columns(timeline), series(color, timeline)}. The delegate receives
 * timeChosen(second), windowChosen(low, high) and wholeChosen().
 */
export class TimeChart {
  #root;
  #drawing;
  #timeline;
  #window;
  #markers;
  #delegate;
  #second = null;
  #plot = null;
  #sizes = null;

  constructor(root, { drawing, timeline, window, markers, delegate }) {
    this.#root = root;
    this.#drawing = drawing;
    this.#timeline = timeline;
    this.#window = window;
    this.#markers = markers;
    this.#delegate = delegate;
  }

  start() {
    if (this.#plot) return;
    this.#plot = new uPlot(this.#options(), this.#drawing.columns(this.#timeline), this.#root);
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

  showPlayhead(second) {
    this.#second = second;
    if (this.#plot) this.#placeCursor();
  }

  /** Redraws the window after a change. */
  showWindow() {
    this.#plot?.setScale("x", { min: this.#window.low, max: this.#window.high });
  }

  showTimeline(timeline) {
    if (timeline === this.#timeline) return;
    this.#timeline = timeline;
    this.#plot?.setData(this.#drawing.columns(timeline));
  }

  #resize() {
    const width = this.#root.clientWidth;
    if (width && width !== this.#plot.width) this.#plot.setSize({ width, height: this.#drawing.height });
  }

  #options() {
    return {
      width: this.#root.clientWidth || 600,
      height: this.#drawing.height,
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
      scales: { x: { time: false, range: () => [this.#window.low, this.#window.high] }, y: { range: [0, 1] } },
      axes: this.#axes(),
      series: [{}, ...this.#drawing.series((property) => this.#color(property), this.#timeline)],
      hooks: {
        ready: [(plot) => this.#listen(plot)],
        setSelect: [(plot) => this.#selected(plot)],
        draw: [(plot) => this.#drawMarkers(plot), () => this.#placeCursor()],
      },
    };
  }

  #axes() {
    const style = axisStyle((property) => this.#color(property));
    return [
      { ...style, grid: { show: false }, size: 28, incrs: TICKS_S, space: 64, values: (_, marks) => marks.map(clock) },
      { ...style, size: 44, incrs: [0.25, 0.5], values: (_, marks) => marks.map(percent) },
    ];
  }

  #color(property) {
    return getComputedStyle(this.#root).getPropertyValue(property).trim();
  }

  #listen(plot) {
    plot.over.addEventListener("mousemove", () => {
      if (plot.cursor.left >= 0) this.#delegate.timeChosen(Math.floor(plot.posToVal(plot.cursor.left, "x")));
    });
    plot.over.addEventListener("mouseleave", () => this.#placeCursor());
    plot.over.addEventListener("dblclick", () => this.#delegate.wholeChosen());
  }

  #selected(plot) {
    const { left, width } = plot.select;
    if (!width) return;
    const [low, high] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#delegate.windowChosen(low, high);
  }

  // The playhead is a whole second; a one-second interval has its value in the middle.
  #placeCursor() {
    const plot = this.#plot;
    if (!plot || this.#second === null) return;
    const shown = this.#window.contains(this.#second + 0.5);
    plot.setCursor(shown ? { left: plot.valToPos(this.#second + 0.5, "x"), top: 1 } : AWAY, false);
  }

  #drawMarkers(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = this.#color("--ink");
    ctx.lineWidth = devicePixelRatio;
    ctx.font = `600 ${11 * devicePixelRatio}px ${this.#color("--font")}`;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    this.#markers.forEach((marker, index) => {
      if (!this.#window.contains(marker.second + 0.5)) return;
      const x = Math.round(plot.valToPos(marker.second + 0.5, "x", true));
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.fillText(String(index + 1), x + 3 * devicePixelRatio, bbox.top + 11 * devicePixelRatio);
    });
    ctx.restore();
  }
}
