const STALE_MS = 2000;

/** Reports when no result has arrived for over 2 s although one is due, and when one arrives. delegate: resultsStale(stale). */
export class ResultWatch {
  #delegate;
  #clock;
  #timer = null;
  #stale = false;

  constructor(delegate, clock) {
    this.#delegate = delegate;
    this.#clock = clock;
  }

  /** The time counts from the last result, or from the time when one became due. */
  wait() {
    if (!this.#stale) this.#timer ??= this.#clock.setTimeout(() => this.#become(true), STALE_MS);
  }

  /** None is due, as in a pause: what is shown keeps its age. */
  hold() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  resultSeen() {
    this.reset();
    this.wait();
  }

  /** No outdated result is shown. */
  reset() {
    this.hold();
    this.#become(false);
  }

  #become(stale) {
    this.#timer = null;
    if (stale === this.#stale) return;

    this.#stale = stale;
    this.#delegate.resultsStale(stale);
  }
}
