import { timelinesOf } from "./timeline_data.js";

const WAIT_MS = 200;
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

/** Fetches a window's finer intervals once the visitor rests on it, and calls `delegate.detailLoaded(data)`. */
export class DetailLoader {
  #address;
  #delegate;
  #fetch;
  #clock;
  #timer = null;
  #request = null;

  constructor(address, delegate, { fetch = (...parts) => globalThis.fetch(...parts), clock = globalThis } = {}) {
    this.#address = address;
    this.#delegate = delegate;
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** Requests the seconds `low` to `high`; a newer request replaces an older one. */
  ask(low, high) {
    this.stop();
    this.#timer = this.#clock.setTimeout(() => this.#load(Math.floor(low), Math.ceil(high)), WAIT_MS);
  }

  stop() {
    this.#clock.clearTimeout(this.#timer);
    this.#request?.abort();
    this.#request = null;
  }

  async #load(start, end) {
    const request = new AbortController();
    this.#request = request;
    const data = await this.#read(`${this.#address}?start=${start}&end=${end}`, request.signal);
    if (data && !request.signal.aborted) this.#delegate.detailLoaded(data);
  }

  // Without a response the coarse intervals stay; they are correct too.
  async #read(address, signal) {
    try {
      const response = await this.#fetch(address, { signal, headers: { Accept: "application/json" } });
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }
}
