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
  summary({ answer, wish }) {
    if (answer.picture) return this.whole(answer.picture, this.#task(wish));
    if (answer.faces.length === 0) return this.#texts.phrase("no_face");
    const named = answer.faces.map((face) => this.face(face, wish));
    return `${this.#texts.plural("faces", answer.faces.length)}: ${named.join("; ")}`;
  }

  /** What to know of an answer beside it; empty where there is nothing. */
  notes({ notes = [] }) {
    return notes.map((note) => this.#texts.phrase(`note_${note}`)).join(" ");
  }

  whole({ label, confidence, uncertain }, task) {
    return uncertain ? this.#texts.phrase(UNKNOWN[task] ?? "uncertain") : this.#sure("sure", label, confidence);
  }

  face({ label, confidence }, wish) {
    const uncertain = this.isUncertain({ confidence }, wish);
    if (this.#task(wish) === "perceived_gender") {
      return uncertain ? this.#texts.phrase("stranger_unsure") : this.#sure("stranger", label, confidence);
    }
    return this.#sure(uncertain ? "perhaps" : "sure", label, confidence);
  }

  /** What stands beside a face's box, as on the live page: short, and no guess. */
  tag(face, wish) {
    if (this.#task(wish) === "perceived_gender") return { words: this.face(face, wish), share: "" };
    if (this.isUncertain(face, wish)) return { words: this.#texts.phrase("uncertain"), share: "" };
    return { words: this.#texts.label(face.label), share: this.#texts.percent(face.confidence) };
  }

  isUncertain({ confidence }, wish) {
    return confidence < this.#model(wish).uncertain[wish.label_set];
  }

  /** The most likely labels of {label: probability}, as [[label, probability]], best first. */
  ranked(probabilities) {
    return Object.entries(probabilities).sort(([, a], [, b]) => b - a);
  }

  candidate([label, probability]) {
    return this.#sure("sure", label, probability);
  }

  #sure(phrase, label, confidence) {
    return this.#texts.phrase(phrase, { label: this.#texts.label(label), confidence: this.#texts.percent(confidence) });
  }

  #model({ model }) {
    return this.#models.find(({ name }) => name === model);
  }

  #task(wish) {
    return this.#model(wish).task;
  }
}
