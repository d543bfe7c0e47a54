import { median } from "../lib/median.js";

const WINDOW_MS = 2000;
const UPDATE_MS = 500;

/** State, frames per second, latency, skipped frames and device, measured here: from a frame's capture to its boxes on screen. */
export class StatusLine {
  #root;
  #texts;
  #clock;
  #shown = []; // {at, latencyMs} of the last 2 s, and of the last two results at least
  #drops = 0;
  #state = "idle";
  #stalled = false;
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
    this.#state = state;
    this.#showState();
  }

  /** Whether results are missing: a live session is then shown as stalled. */
  set stalled(stalled) {
    this.#stalled = stalled;
    this.#showState();
    this.#update();
  }

  set slow(slow) {
    this.#root.toggleAttribute("data-slow", slow);
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

  #showState() {
    const shown = this.#stalled && this.#state === "live" ? "stalled" : this.#state;
    this.#root.dataset.state = shown;
    this.#write("state", this.#texts.phrase(`state_${shown}`));
    for (const part of this.#root.querySelectorAll("[data-status]:not([data-status=state])")) part.hidden = this.#state !== "live";
  }

  #update() {
    const now = this.#clock.now();
    const old = this.#shown.filter(({ at }) => now - at > WINDOW_MS).length;
    this.#shown.splice(0, Math.min(old, this.#shown.length - 2));
    const latency = this.#stalled ? null : median(this.#shown.map(({ latencyMs }) => latencyMs));
    const fps = this.#stalled ? 0 : rate(this.#shown.map(({ at }) => at));
    this.#write("fps", fps === null ? "–" : this.#texts.phrase("fps", { fps: this.#texts.number(fps, fps < 1 ? 1 : 0) }));
    this.#write("latency", latency === null ? "–" : this.#texts.phrase("latency", { ms: this.#texts.number(latency) }));
    this.#write("drops", this.#texts.plural("drops", this.#drops));
  }

  #write(name, text) {
    const part = this.#root.querySelector(`[data-status="${name}"]`);
    if (part.textContent !== text) part.textContent = text;
  }
}

/** Results per second; null before there are two. */
function rate(times) {
  return times.length < 2 ? null : (1000 * (times.length - 1)) / (times.at(-1) - times[0]);
}
