/** The line that states below which confidence a result of the current model is uncertain. */
export class UncertainHelp {
  #element;
  #thresholds;
  #right;
  #texts;

  /** thresholds: {model: {labelSet: confidence}}, the default first, 0 where not measured; right: the fraction of more confident results that is correct. */
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
