const SHORTEST_S = 5;
const ZOOM = 2;

/** The part of a session that all charts show: `low` to `high` seconds of 0..end. Pure. */
export class TimeWindow {
  #end;
  #low = 0;
  #high;

  constructor(end) {
    this.#end = Math.max(end, 1);
    this.#high = this.#end;
  }

  get low() {
    return this.#low;
  }

  get high() {
    return this.#high;
  }

  get end() {
    return this.#end;
  }

  get whole() {
    return this.#low === 0 && this.#high === this.#end;
  }

  /** Shows these seconds, widened to the shortest window and moved into the session. */
  show(low, high) {
    const length = Math.min(Math.max(high - low, SHORTEST_S), this.#end);
    const start = (low + high - length) / 2;
    this.#low = Math.min(Math.max(start, 0), this.#end - length);
    this.#high = this.#low + length;
  }

  showWhole() {
    this.show(0, this.#end);
  }

  /** Halves the window around a second, which keeps its place on the screen. */
  zoomIn(second) {
    this.#zoom(second, 1 / ZOOM);
  }

  zoomOut(second) {
    this.#zoom(second, ZOOM);
  }

  /** Moves the window just far enough that the second is in it. */
  contain(second) {
    const shift = Math.min(second - this.#low, 0) + Math.max(second - this.#high, 0);
    if (shift) this.show(this.#low + shift, this.#high + shift);
  }

  contains(second) {
    return this.#low <= second && second <= this.#high;
  }

  #zoom(second, factor) {
    const around = this.contains(second) ? second : (this.#low + this.#high) / 2;
    this.show(around - (around - this.#low) * factor, around + (this.#high - around) * factor);
  }
}
