const STALE_MS = 2000;

/** Says when results stay away for longer than 2 s while they are due, and when one is back. delegate: resultsStale(stale). */
export class ResultWatch {
  #delegate;
  #clock;
  #timer = null;
  #stale = false;

  constructor(delegate, clock) {
    this.#delegate = delegate;
    this.#clock = clock;
  }

  /** The time counts from the last result, or from the first moment in which one was due. */
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

  /** Nothing is shown that could be old. */
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
