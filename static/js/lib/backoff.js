const FIRST_MS = 500;
const LONGEST_MS = 8 * 1000;
const JITTER = 0.25; // a quarter shorter to a quarter longer, so that many pages do not reconnect at the same time

/** The wait before each new attempt: 0.5 s doubling to 8 s. */
export class Backoff {
  #attempts = 0;
  #random;

  constructor({ random = Math.random } = {}) {
    this.#random = random;
  }

  next() {
    const ms = Math.min(FIRST_MS * 2 ** this.#attempts, LONGEST_MS);
    this.#attempts += 1;
    return ms * (1 - JITTER + 2 * JITTER * this.#random());
  }

  reset() {
    this.#attempts = 0;
  }
}
