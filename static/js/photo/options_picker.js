import { Picker } from "../live/picker.js";

/** Selects a model and, for expressions, a label set. delegate: optionsChanged(options). */
export class OptionsPicker {
  #delegate;
  #texts;
  #models;
  #model;
  #labelSet;
  #detail;
  #labelsField;
  #detailField;

  /** root holds select[data-pick=model|label_set|detail], [data-labels-field] and [data-detail-field]. */
  constructor(delegate, root, { texts, models, preferences }) {
    this.#delegate = delegate;
    this.#texts = texts;
    this.#models = models;
    this.#model = new Picker(this, root.querySelector("[data-pick=model]"), "photo_model", preferences);
    this.#labelSet = new Picker(this, root.querySelector("[data-pick=label_set]"), "photo_label_set", preferences);
    this.#detail = new Picker(this, root.querySelector("[data-pick=detail]"), "photo_detail", preferences);
    this.#detailField = root.querySelector("[data-detail-field]");
    this.#labelsField = root.querySelector("[data-labels-field]");
  }

  start() {
    this.#model.start();
    this.#labelSet.start();
    this.#detail.start();
    this.#showLabelSets();
  }

  stop() {
    this.#model.stop();
    this.#labelSet.stop();
    this.#detail.stop();
  }

  get options() {
    return { model: this.#model.value, label_set: this.#labelSet.value, detail: this.#detail.value };
  }

  picked(name) {
    if (name === "photo_model") this.#showLabelSets();
    this.#delegate.optionsChanged(this.options);
  }

  #showLabelSets() {
    const { task, finds_faces, label_sets: sets } = this.#models.find(({ name }) => name === this.#model.value);
    const remembered = this.#labelSet.remembered;
    this.#labelSet.show(sets.map((name) => ({ value: name, text: this.#texts.labelSet(name) })), sets.includes(remembered) ? remembered : sets[0]);
    this.#labelsField.hidden = task !== "emotion";
    this.#detailField.hidden = !finds_faces;
  }
}
