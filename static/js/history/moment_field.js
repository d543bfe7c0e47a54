import { clock } from "./clock.js";

/** The new marker's time: it follows the playhead until the visitor types another time. */
export class MomentField {
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
