const POLL_EACH_MS = 1000;
const MOVING = new Set(["waiting", "running"]);

/** Requests the progress of a video's analysis, and reloads the page once its state has changed. */
export class VideoProgress {
  #root;
  #texts;
  #timer = null;

  constructor(root, { texts }) {
    this.#root = root;
    this.#texts = texts;
  }

  start() {
    if (MOVING.has(this.#root.dataset.state)) this.#timer = setTimeout(() => this.#poll(), POLL_EACH_MS);
  }

  stop() {
    clearTimeout(this.#timer);
  }

  async #poll() {
    const status = await fetch(this.#root.dataset.status)
      .then((response) => (response.ok ? response.json() : null))
      .catch(() => null);
    if (status) this.#show(status);
    this.#timer = setTimeout(() => this.#poll(), POLL_EACH_MS);
  }

  #show(status) {
    // From waiting to running the page stays: its buttons are the same, and a keyboard's focus is kept.
    if (!MOVING.has(status.state)) return window.location.reload();
    this.#root.dataset.state = status.state;
    this.#find("[data-state-name]").textContent = status.state_name;
    this.#find("[data-progress]").value = status.progress;
    const words = [this.#texts.phrase("analysed", { percent: this.#texts.percent(status.progress) })];
    if (status.time_left_s !== null) words.push(this.#texts.phrase("left", { time: clock(status.time_left_s) }));
    this.#find("[data-words]").textContent = words.join(", ");
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }
}

function clock(seconds) {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
