import { showPartsOf } from "../lib/task_parts.js";
import { Picker } from "../live/picker.js";

/** Selects the model, its label set, and the detail. delegate: optionsChanged(options). */
export class OptionsPicker {
  #delegate;
  #texts;
  #models;
  #model;
  #labelSet;
  #detail;
  #root;

  /** root holds select[data-pick=model|label_set|detail], and their fields as parts of tasks. */
  constructor(delegate, root, { texts, models, preferences }) {
    this.#delegate = delegate;
    this.#root = root;
    this.#texts = texts;
    this.#models = models;
    this.#model = new Picker(this, root.querySelector("[data-pick=model]"), "photo_model", preferences);
    this.#labelSet = new Picker(this, root.querySelector("[data-pick=label_set]"), "photo_label_set", preferences);
    this.#detail = new Picker(this, root.querySelector("[data-pick=detail]"), "photo_detail", preferences);
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
    const { task, label_sets: sets } = this.#models.find(({ name }) => name === this.#model.value);
    const remembered = this.#labelSet.remembered;
    this.#labelSet.show(sets.map((name) => ({ value: name, text: this.#texts.labelSet(name) })), sets.includes(remembered) ? remembered : sets[0]);
    showPartsOf(this.#root, this.#texts.task(task));
  }
}
