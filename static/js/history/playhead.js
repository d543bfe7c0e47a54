import { clock } from "./formats.js";

/** The slider that sets the time; it calls `delegate.timeChosen(second)`. */
export class Scrubber {
  #range;
  #output;
  #delegate;
  #moved = () => this.#delegate.timeChosen(Number(this.#range.value));

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

/** The new marker's time: it follows the playhead until the visitor types another time. */
export class MarkerTimeField {
  #input;
  #follows;

  /** `input` may be null: not every page has markers. */
  constructor(input) {
    this.#input = input;
    this.#follows = !input?.value;
    input?.addEventListener("input", () => {
      this.#follows = input.value === "";
    });
  }

  show(second) {
    if (this.#input && this.#follows) this.#input.value = clock(second);
  }
}
