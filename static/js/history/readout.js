import { closestMatch } from "../lib/closest_match.js";
import { percent } from "./formats.js";
import { readingAt } from "./timeline_data.js";

/** Shows as text each face's result at the playhead. */
export class Readout {
  #root;
  #names;

  /** `root` contains one [data-reading] per face, and the texts for an absent, uncertain or unknown one. */
  constructor(root, names) {
    this.#root = root;
    this.#names = names;
  }

  /** Shows the readings; returns them as one line, for screen readers. */
  show(timelines, second) {
    const said = [];
    for (const item of this.#root.querySelectorAll("[data-reading]")) {
      const timeline = timelines.get(item.dataset.reading);
      const reading = timeline ? readingAt(timeline, second) : null;
      const text = reading ? this.#inWords(reading, item.dataset.unknown) : this.#root.dataset.away;
      item.querySelector("[data-value]").textContent = text;
      item.dataset.label = reading?.unsure ? "uncertain" : (reading?.label ?? "");
      item.dataset.unsure = String(reading?.unsure ?? false);
      // A face with a brief appearance is only listed during that appearance.
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
