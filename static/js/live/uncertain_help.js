/** The line that says below which confidence an answer of the model in use is called uncertain. */
export class UncertainHelp {
  #element;
  #thresholds;
  #right;
  #texts;

  /** thresholds: {model: {labelSet: confidence}}, the default first, 0 where not measured; right: how many of the surer answers are. */
  constructor(element, { thresholds, right }, texts) {
    this.#element = element;
    this.#thresholds = thresholds;
    this.#right = right;
    this.#texts = texts;
  }

  /** What is in use; without a welcome it is the site's default. */
  show({ model, label_set: labelSet } = {}) {
    const [first] = Object.keys(this.#thresholds);
    const bySet = this.#thresholds[model ?? first] ?? {};
    const below = bySet[labelSet ?? Object.keys(bySet)[0]] ?? 0;
    const values = { below: this.#texts.percent(below), right: this.#texts.percent(this.#right) };
    this.#element.textContent = below ? this.#texts.phrase("uncertain_help", values) : "";
  }
}
