import { timelinesOf } from "./timeline_data.js";

const MUCH_LONGER = 3;

/** The finer steps of one part of a session, as the server gave them. */
export class Detail {
  #data;
  #timelines;

  constructor(data) {
    this.#data = data;
    this.#timelines = timelinesOf(data);
  }

  get timelines() {
    return this.#timelines;
  }

  covers(window) {
    return this.#data.start <= window.low && window.high <= this.#data.end;
  }

  /** Whether asking again for this window would bring nothing finer worth the wait. */
  suits(window) {
    const length = this.#data.end - this.#data.start;
    return this.covers(window) && (this.#data.step === 1 || length < MUCH_LONGER * (window.high - window.low));
  }
}
