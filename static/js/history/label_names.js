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
