import { closestMatch } from "../lib/closest_match.js";
import { percent } from "./percent.js";
import { readingAt } from "./face_reading.js";

/** Says in words what each face showed at a moment. */
export class Readout {
  #root;
  #names;

  /** `root` holds one [data-reading] a face, and the words for one that is away, unsure or unknown. */
  constructor(root, names) {
    this.#root = root;
    this.#names = names;
  }

  /** Shows the readings; gives them as one line, for a screen reader. */
  show(timelines, second) {
    const said = [];
    for (const item of this.#root.querySelectorAll("[data-reading]")) {
      const timeline = timelines.get(item.dataset.reading);
      const reading = timeline ? readingAt(timeline, second) : null;
      const text = reading ? this.#inWords(reading, item.dataset.unknown) : this.#root.dataset.away;
      item.querySelector("[data-value]").textContent = text;
      item.dataset.label = reading?.unsure ? "uncertain" : (reading?.label ?? "");
      item.dataset.unsure = String(reading?.unsure ?? false);
      // Somebody who passed by for a moment is named only in that moment.
      item.hidden = "brief" in item.dataset && !reading;
      if (!item.hidden) said.push(`${item.querySelector("[data-name]").textContent.trim()}: ${text}`);
    }
    return said.join(". ");
  }

  #inWords({ label, share, unsure, needed }, unknown) {
    const name = this.#names.of(label);
    const words = this.#root.dataset;
    if (unsure && unknown) return `${unknown}. ${closestMatch(words.closest, { label: name, confidence: share, needed }, percent)}`;
    return unsure ? words.unsure : `${name} ${percent(share)}`;
  }
}
