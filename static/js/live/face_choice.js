const ABSENCE_MS = 2000; // a selected face may be absent this long before another replaces it

/** Which face the bars and the chart are about: the visitor's choice while it is there, else the first. */
export class FaceChoice {
  #clock;
  #id = null;
  #byHand = false;
  #seenAt = 0;

  constructor(clock) {
    this.#clock = clock;
  }

  get id() {
    return this.#id;
  }

  choose(id) {
    this.#id = id;
    this.#byHand = true;
    this.#seenAt = this.#clock.now();
  }

  /** The selected one of the visible faces; null when it is not among them. */
  among(faces) {
    const chosen = faces.find((face) => face.id === this.#id) ?? null;
    if (chosen) {
      this.#seenAt = this.#clock.now();
      return chosen;
    }
    if (faces.length === 0 || !this.#free) return null;

    this.#byHand = false;
    this.#id = faces[0].id;
    this.#seenAt = this.#clock.now();
    return faces[0];
  }

  reset() {
    this.#id = null;
    this.#byHand = false;
  }

  get #free() {
    const absent = this.#clock.now() - this.#seenAt > ABSENCE_MS;
    return this.#id === null || absent || !this.#byHand;
  }
}
