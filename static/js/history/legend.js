import { percent } from "./formats.js";

/** Shows each label's probability at the playhead next to its name. */
export class Legend {
  #root;

  constructor(root) {
    this.#root = root;
  }

  show(timeline, second) {
    const row = timeline.rows[Math.floor(second / timeline.step) - timeline.first];
    timeline.labels.forEach((label, position) => {
      const place = this.#root.querySelector(`[data-label="${CSS.escape(label)}"] [data-value]`);
      if (place) place.textContent = row ? percent(row[position]) : "";
    });
  }
}

/** The labels' names in the visitor's language, as the page's legends have them. */
export class LabelNames {
  #names = new Map();

  constructor(root) {
    for (const item of root.querySelectorAll("[data-legend] [data-label]")) {
      this.#names.set(item.dataset.label, item.querySelector("[data-name]").textContent);
    }
  }

  of(label) {
    return this.#names.get(label) ?? label.replaceAll("_", " ");
  }
}
