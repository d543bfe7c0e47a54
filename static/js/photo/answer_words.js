import { closestMatch } from "../lib/closest_match.js";

const ONE_BY_ONE = 4; // more faces are counted by label

/** Describes an answer in words. models: [{name, task, uncertain: {label set: threshold}}]. */
export class AnswerWords {
  #texts;
  #models;

  constructor(texts, models) {
    this.#texts = texts;
    this.#models = models;
  }

  /** A sentence or a few words that describe an image's answer. */
  summary({ answer, options }) {
    if (answer.picture) return this.whole(answer.picture, this.#task(options));
    if (answer.faces.length === 0) return this.#texts.phrase("no_face");
    const faces = this.#texts.plural("faces", answer.faces.length);
    const list = this.hasManyFaces(answer) ? this.#counts(answer.faces, options) : answer.faces.map((face) => this.face(face, options)).join("; ");
    return this.#texts.phrase("counted", { faces, list });
  }

  /** Whether an answer's faces are too many to be named one by one. */
  hasManyFaces({ faces }) {
    return faces.length > ONE_BY_ONE;
  }

  /** The notes of an answer as sentences; empty without notes. */
  notes({ notes = [] }) {
    return notes.map((note) => this.#texts.phrase(`note_${note}`)).join(" ");
  }

  whole({ label, confidence, uncertain }, task) {
    return uncertain ? task.uncertain : this.#phrase("sure", label, confidence);
  }

  /** The closest label of an unknown image and its distance from the threshold; "" for a known image. */
  closest({ label, confidence, uncertain }, options) {
    if (!uncertain) return "";
    const values = { label: this.#texts.label(label), confidence, needed: this.threshold(options) };
    return closestMatch(this.#texts.phrase("closest"), values, (share) => this.#texts.percent(share));
  }

  face({ label, confidence }, options) {
    const uncertain = this.isUncertain({ confidence }, options);
    const task = this.#task(options);
    if (task.titled_results) {
      return uncertain ? this.#texts.phrase("titled_uncertain", { task: task.title }) : this.#phrase("titled", label, confidence, task.title);
    }
    return uncertain ? task.uncertain : this.#phrase("sure", label, confidence);
  }

  /** The tag of a face's box, as on the live page: short, and without a guess. */
  tag(face, options) {
    const { titled_results: titled, uncertain } = this.#task(options);
    if (titled) return { words: this.face(face, options), share: "" };
    if (this.isUncertain(face, options)) return { words: uncertain, share: "" };
    return { words: this.#texts.label(face.label), share: this.#texts.percent(face.confidence) };
  }

  /** The confidence below which an answer is uncertain. */
  threshold(options) {
    const { uncertain } = this.#model(options);
    return uncertain[options.label_set] ?? Object.values(uncertain)[0];
  }

  isUncertain({ confidence }, options) {
    return confidence < this.threshold(options);
  }

  /** The most likely labels of {label: probability}, as [[label, probability]], best first. */
  ranked(probabilities) {
    return Object.entries(probabilities).sort(([, a], [, b]) => b - a);
  }

  candidate([label, probability]) {
    return this.#phrase("sure", label, probability);
  }

  /** "Happy 92, Neutral 30, uncertain 8": the most frequent first, the uncertain last. */
  #counts(faces, options) {
    const counts = new Map();
    let uncertain = 0;
    for (const face of faces) {
      if (this.isUncertain(face, options)) uncertain += 1;
      else counts.set(face.label, (counts.get(face.label) ?? 0) + 1);
    }
    const { titled_results: titled, title } = this.#task(options);
    const named = [...counts].sort(([, a], [, b]) => b - a);
    const parts = named.map(([label, count]) => this.#texts.phrase("count", { label: this.#texts.label(label), count: this.#texts.number(count) }));
    if (uncertain > 0) parts.push(this.#texts.phrase("uncertain_count", { count: this.#texts.number(uncertain) }));
    const list = parts.join(", ");
    return titled ? this.#texts.phrase("titled_counts", { task: title, list }) : list;
  }

  #phrase(phrase, label, confidence, task = "") {
    return this.#texts.phrase(phrase, { task, label: this.#texts.label(label), confidence: this.#texts.percent(confidence) });
  }

  #model({ model }) {
    return this.#models.find(({ name }) => name === model);
  }

  #task(options) {
    return this.#texts.task(this.#model(options).task);
  }
}
