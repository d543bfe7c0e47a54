// The state that all parts of the viewer share: the playhead, the window, and the drawn intervals.
import { Preferences } from "../lib/preferences.js";
import { ShortcutSwitch } from "../lib/shortcut_switch.js";
import { Detail, DetailLoader } from "./detail.js";
import { LabelNames, Legend } from "./legend.js";
import { Ribbon } from "./ribbon.js";
import { MarkerTimeField, Scrubber } from "./playhead.js";
import { Readout } from "./readout.js";
import { TimeChart } from "./time_chart.js";
import { TimeWindow } from "./time_window.js";
import { ZoomControls } from "./zoom_controls.js";
import { confidenceLine, expressionLines } from "./chart_lines.js";
import { timelinesOf } from "./timeline_data.js";

export class SessionViewer {
  #root;
  #data;
  #timelines;
  #detail = null;
  #second = 0;
  #window;
  #loader;
  #scrubber;
  #keys;
  #zoom;
  #readout;
  #field;
  #ribbons = [];
  #charts = [];
  #legends = [];
  #clicked = (event) => this.#seek(event);

  constructor(root, data, markers) {
    this.#root = root;
    this.#data = data;
    this.#timelines = timelinesOf(data);
    this.#window = new TimeWindow(data.end);
    this.#loader = root.dataset.detail ? new DetailLoader(root.dataset.detail, this) : null;
    this.#makeBar(root.querySelector("[data-viewer-bar]"));
    this.#ribbons = this.#all("lane").map((ribbon) => new Ribbon(ribbon, Number(ribbon.dataset.lane) * data.step, this));
    this.#charts = [...this.#makeCharts("timeline", expressionLines, markers), ...this.#makeCharts("confidence", confidenceLine, markers)];
    this.#legends = this.#all("timeline").map((chart) => [
      chart.dataset.timeline,
      new Legend(chart.parentElement.querySelector("[data-legend]")),
    ]);
  }

  start() {
    this.#root.querySelector("[data-viewer-bar]").hidden = false;
    this.#root.addEventListener("click", this.#clicked);
    [this.#scrubber, this.#keys, this.#zoom, ...this.#ribbons, ...this.#charts.map(([, chart]) => chart)].forEach((part) => part.start());
    this.#showPlayhead();
    this.#showWindow();
  }

  stop() {
    this.#root.removeEventListener("click", this.#clicked);
    this.#loader?.stop();
    [this.#scrubber, this.#keys, this.#zoom, ...this.#ribbons, ...this.#charts.map(([, chart]) => chart)].forEach((part) => part.stop());
  }

  /** Redraws the charts: a canvas does not follow the page's colors by itself. */
  themeChanged() {
    this.#charts.forEach(([, chart]) => chart.restart());
  }

  /** The playhead and the window, as plain data; without a window when the complete session is shown. */
  get view() {
    const { low, high, whole } = this.#window;
    return { second: this.#second, window: whole ? null : [low, high] };
  }

  showView({ second, window }) {
    if (window) this.windowChosen(...window);
    this.timeChosen(second);
  }

  timeChosen(second) {
    this.#second = Math.min(Math.max(second, 0), this.#data.end - 1);
    if (!this.#window.contains(this.#second + 0.5)) {
      this.#window.contain(this.#second + 0.5);
      this.#showWindow();
    }
    this.#showPlayhead();
  }

  windowChosen(low, high) {
    this.#window.show(low, high);
    this.#showWindow();
  }

  wholeChosen() {
    this.zoomChosen("whole");
  }

  zoomChosen(kind) {
    if (kind === "in") this.#window.zoomIn(this.#second + 0.5);
    if (kind === "out") this.#window.zoomOut(this.#second + 0.5);
    if (kind === "whole") this.#window.showWhole();
    this.#showWindow();
  }

  detailLoaded(data) {
    this.#detail = new Detail(data);
    this.#showTimelines();
  }

  #all(name) {
    return [...this.#root.querySelectorAll(`[data-${name}]`)];
  }

  #makeBar(bar) {
    this.#scrubber = new Scrubber(bar.querySelector("[data-scrubber]"), bar.querySelector("[data-clock]"), this);
    this.#keys = new ShortcutSwitch(bar.querySelector("[data-shortcut-switch]"), new Preferences());
    this.#zoom = new ZoomControls(bar, this, this.#keys);
    this.#readout = new Readout(bar.querySelector("[data-readings]"), new LabelNames(this.#root));
    this.#field = new MarkerTimeField(this.#root.querySelector("[data-moment-field]"));
  }

  #makeCharts(name, drawing, markers) {
    return this.#all(name)
      .filter((root) => this.#timelines.get(root.dataset[name])?.rows.length)
      .map((root) => {
        const key = root.dataset[name];
        const timeline = this.#timelines.get(key);
        return [key, new TimeChart(root, { drawing, timeline, window: this.#window, markers, delegate: this })];
      });
  }

  // The finer intervals, as long as they cover the complete window.
  get #shown() {
    return this.#detail?.covers(this.#window) ? this.#detail.timelines : this.#timelines;
  }

  #showPlayhead() {
    const shown = this.#shown;
    this.#charts.forEach(([, chart]) => chart.showPlayhead(this.#second));
    this.#ribbons.forEach((lane) => lane.showPlayhead(this.#second));
    this.#legends.forEach(([key, legend]) => shown.has(key) && legend.show(shown.get(key), this.#second));
    this.#scrubber.show(this.#second, this.#readout.show(shown, this.#second));
    this.#field.show(this.#second);
  }

  #showWindow() {
    this.#charts.forEach(([, chart]) => chart.showWindow());
    this.#ribbons.forEach((lane) => lane.showWindow(this.#window));
    this.#zoom.show(this.#window);
    this.#showTimelines();
    if (this.#window.whole || this.#data.step === 1 || this.#detail?.suits(this.#window)) this.#loader?.stop();
    else this.#loader?.ask(this.#window.low, this.#window.high);
  }

  #showTimelines() {
    const shown = this.#shown;
    // A face that is absent in this window has no finer intervals: its coarse ones are equally empty.
    this.#charts.forEach(([key, chart]) => chart.showTimeline(shown.get(key) ?? this.#timelines.get(key)));
    this.#showPlayhead();
  }

  #seek(event) {
    const second = event.target.closest?.("[data-seek]")?.dataset.seek;
    if (second !== undefined) this.timeChosen(Number(second));
  }
}
