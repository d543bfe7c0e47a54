import { closestMatch } from "../lib/closest_match.js";

const ONE_BY_ONE = 4; // more faces are counted by what they show
const UNKNOWN = { places: "unknown_place", hand_signs: "no_sign", scenes: "unknown_scene" };

/** Says what an answer says, in words. models: [{name, task, uncertain: {label set: threshold}}]. */
export class AnswerWords {
  #texts;
  #models;

  constructor(texts, models) {
    this.#texts = texts;
    this.#models = models;
  }

  /** A sentence or a few words for a picture with its answer. */
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

  /** What to know of an answer beside it; empty where there is nothing. */
  notes({ notes = [] }) {
    return notes.map((note) => this.#texts.phrase(`note_${note}`)).join(" ");
  }

  whole({ label, confidence, uncertain }, task) {
    return uncertain ? this.#texts.phrase(UNKNOWN[task] ?? "uncertain") : this.#sure("sure", label, confidence);
  }

  /** What an unknown picture resembles most and how far that is from an answer; "" where it has an answer. */
  closest({ label, confidence, uncertain }, options) {
    if (!uncertain) return "";
    const values = { label: this.#texts.label(label), confidence, needed: this.threshold(options) };
    return closestMatch(this.#texts.phrase("closest"), values, (share) => this.#texts.percent(share));
  }

  face({ label, confidence }, options) {
    const uncertain = this.isUncertain({ confidence }, options);
    if (this.#task(options) === "perceived_gender") {
      return uncertain ? this.#texts.phrase("stranger_unsure") : this.#sure("stranger", label, confidence);
    }
    return this.#sure(uncertain ? "perhaps" : "sure", label, confidence);
  }

  /** What stands beside a face's box, as on the live page: short, and no guess. */
  tag(face, options) {
    if (this.#task(options) === "perceived_gender") return { words: this.face(face, options), share: "" };
    if (this.isUncertain(face, options)) return { words: this.#texts.phrase("uncertain"), share: "" };
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
    return this.#sure("sure", label, probability);
  }

  /** "Happy 92, Neutral 30, uncertain 8": the most frequent first, the uncertain last. */
  #counts(faces, options) {
    const counts = new Map();
    let uncertain = 0;
    for (const face of faces) {
      if (this.isUncertain(face, options)) uncertain += 1;
      else counts.set(face.label, (counts.get(face.label) ?? 0) + 1);
    }
    const guessed = this.#task(options) === "perceived_gender";
    const named = [...counts].sort(([, a], [, b]) => b - a);
    const parts = named.map(([label, count]) => this.#texts.phrase("count", { label: this.#texts.label(label), count: this.#texts.number(count) }));
    if (uncertain > 0) parts.push(this.#texts.phrase(guessed ? "stranger_unsure_count" : "uncertain_count", { count: this.#texts.number(uncertain) }));
    const list = parts.join(", ");
    return guessed ? this.#texts.phrase("stranger_counts", { list }) : list;
  }

  #sure(phrase, label, confidence) {
    return this.#texts.phrase(phrase, { label: this.#texts.label(label), confidence: this.#texts.percent(confidence) });
  }

  #model({ model }) {
    return this.#models.find(({ name }) => name === model);
  }

  #task(options) {
    return this.#model(options).task;
  }
}
