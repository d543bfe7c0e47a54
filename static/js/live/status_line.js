import { median } from "../lib/median.js";

const WINDOW_MS = 2000;
const UPDATE_MS = 500;

/** State, frames a second, latency, drops and device, measured here: from a picture's capture to its boxes on screen. */
export class StatusLine {
  #root;
  #texts;
  #clock;
  #shown = []; // {at, latencyMs} of the last 2 s
  #drops = 0;
  #timer = null;

  /** root holds [data-status=state|fps|latency|drops|device]. */
  constructor(root, { texts, clock }) {
    this.#root = root;
    this.#texts = texts;
    this.#clock = clock;
  }

  start() {
    this.#timer ??= this.#clock.setInterval(() => this.#update(), UPDATE_MS);
  }

  stop() {
    this.#clock.clearInterval(this.#timer);
    this.#timer = null;
  }

  set state(state) {
    this.#root.dataset.state = state;
    this.#write("state", this.#texts.phrase(`state_${state}`));
    for (const part of this.#root.querySelectorAll("[data-status]:not([data-status=state])")) part.hidden = state !== "live";
  }

  set device(device) {
    this.#write("device", device.toUpperCase());
  }

  reset() {
    this.#shown = [];
    this.#drops = 0;
    this.#update();
  }

  resultShown(latencyMs) {
    this.#shown.push({ at: this.#clock.now(), latencyMs });
  }

  frameDropped() {
    this.#drops += 1;
  }

  #update() {
    const now = this.#clock.now();
    this.#shown = this.#shown.filter(({ at }) => now - at <= WINDOW_MS);
    const latency = median(this.#shown.map(({ latencyMs }) => latencyMs));
    const fps = this.#shown.length / (WINDOW_MS / 1000);
    this.#write("fps", this.#texts.phrase("fps", { fps: this.#texts.number(fps) }));
    this.#write("latency", latency === null ? "–" : this.#texts.phrase("latency", { ms: this.#texts.number(latency) }));
    this.#write("drops", this.#texts.plural("drops", this.#drops));
  }

  #write(name, text) {
    const part = this.#root.querySelector(`[data-status="${name}"]`);
    if (part.textContent !== text) part.textContent = text;
  }
}
