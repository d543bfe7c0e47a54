import { percent } from "./percent.js";

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
