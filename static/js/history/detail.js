import { timelinesOf } from "./timeline_data.js";

const MUCH_LONGER = 3;

/** The finer intervals of part of a session, as sent by the server. */
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

  /** Whether another request for this window would bring nothing finer. */
  suits(window) {
    const length = this.#data.end - this.#data.start;
    return this.covers(window) && (this.#data.step === 1 || length < MUCH_LONGER * (window.high - window.low));
  }
}
