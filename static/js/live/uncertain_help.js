const RIGHT = 0.8; // a card's threshold is the least for which this share of the surer answers is right

/** The line that says below which confidence an answer of the model in use is called uncertain. */
export class UncertainHelp {
  #element;
  #thresholds;
  #texts;

  /** thresholds: {model: {labelSet: confidence}}, the site's default first; 0 where nobody measured it. */
  constructor(element, thresholds, texts) {
    this.#element = element;
    this.#thresholds = thresholds;
    this.#texts = texts;
  }

  /** What is in use; without a welcome it is the site's default. */
  show({ model, label_set: labelSet } = {}) {
    const [first] = Object.keys(this.#thresholds);
    const bySet = this.#thresholds[model ?? first] ?? {};
    const below = bySet[labelSet ?? Object.keys(bySet)[0]] ?? 0;
    const values = { below: this.#texts.percent(below), right: this.#texts.percent(RIGHT) };
    this.#element.textContent = below ? this.#texts.phrase("uncertain_help", values) : "";
  }
}
