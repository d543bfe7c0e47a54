import { clock } from "./clock.js";

/** The slider that sets the time; it calls `delegate.momentChosen(second)`. */
export class Scrubber {
  #range;
  #output;
  #delegate;
  #moved = () => this.#delegate.momentChosen(Number(this.#range.value));

  constructor(range, output, delegate) {
    this.#range = range;
    this.#output = output;
    this.#delegate = delegate;
  }

  start() {
    this.#range.addEventListener("input", this.#moved);
  }

  stop() {
    this.#range.removeEventListener("input", this.#moved);
  }

  /** Moves to a second; `words` describe the results at that second. */
  show(second, words) {
    this.#range.value = String(second);
    this.#output.textContent = clock(second);
    this.#range.setAttribute("aria-valuetext", `${clock(second)}. ${words}`);
  }
}
