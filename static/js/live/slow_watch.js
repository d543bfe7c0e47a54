const MEAN_OVER_MS = 3000;
const SLOW_MS = 800; // from a frame's capture to its result: later than this is felt as a delay
const FAST_MS = 400;
const LATEST_MS = 2000; // later counts as this, so that one stall does not outweigh the seconds after it
const SLOW_FOR_MS = 5 * 1000;
const FAST_FOR_MS = 10 * 1000;

/**
 * Reports why results are late: "connection", "server", or null. Averages over time and waits before it changes, so
 * that one late result shows nothing and a hint does not flicker. delegate: slownessChanged(cause).
 */
export class SlowWatch {
  #delegate;
  #clock;
  #cause = null;
  #latencyMs = null; // both are means
  #serverShare = 0;
  #at = 0;
  #otherSince = null; // since when the means have indicated something other than `cause`

  constructor(delegate, clock) {
    this.#delegate = delegate;
    this.#clock = clock;
  }

  /** latencyMs: from the frame's capture until now; serverMs: the part of it that the server took. */
  resultSeen(latencyMs, serverMs) {
    const now = this.#clock.now();
    const weight = this.#latencyMs === null ? 1 : 1 - Math.exp((this.#at - now) / MEAN_OVER_MS);
    this.#latencyMs += weight * (Math.min(latencyMs, LATEST_MS) - this.#latencyMs);
    this.#serverShare += weight * (serverMs / Math.max(latencyMs, 1) - this.#serverShare);
    this.#at = now;

    const found = this.#found;
    if (found === this.#cause) this.#otherSince = null;
    else if (now - (this.#otherSince ??= now) >= (this.#cause ? FAST_FOR_MS : SLOW_FOR_MS)) this.#become(found);
  }

  /** Nothing is measured during a pause or between two sessions. */
  reset() {
    this.#latencyMs = null;
    this.#become(null);
  }

  /** The cause by the means; between the two limits it stays as it is. */
  get #found() {
    if (this.#latencyMs < (this.#cause ? FAST_MS : SLOW_MS)) return null;
    return this.#serverShare > 0.5 ? "server" : "connection";
  }

  #become(cause) {
    this.#otherSince = null;
    if (cause === this.#cause) return;

    this.#cause = cause;
    this.#delegate.slownessChanged(cause);
  }
}
