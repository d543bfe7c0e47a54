const CHOSEN = 2;

/** Limits the selection to two sessions to compare: a third one replaces the oldest. */
export class CompareChoice {
  #button;
  #boxes;
  #order = [];
  #changed = (event) => this.#change(event.target);

  constructor(button, boxes) {
    this.#button = button;
    this.#boxes = boxes;
  }

  start() {
    // A page restored from the browser's history keeps its check marks.
    this.#order = this.#boxes.filter((box) => box.checked).slice(0, CHOSEN);
    this.#boxes.forEach((box) => box.addEventListener("change", this.#changed));
    this.#show();
  }

  stop() {
    this.#boxes.forEach((box) => box.removeEventListener("change", this.#changed));
  }

  #change(box) {
    this.#order = this.#order.filter((other) => other !== box);
    if (box.checked) this.#order.push(box);
    while (this.#order.length > CHOSEN) this.#order.shift();
    this.#show();
  }

  #show() {
    this.#boxes.forEach((box) => (box.checked = this.#order.includes(box)));
    this.#button.disabled = this.#order.length !== CHOSEN;
  }
}
