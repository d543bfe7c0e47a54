import { closestMatch } from "../lib/closest_match.js";

/** The words for the current model's results: faces by their number, or the complete frame as one subject. */
export class Wording {
  #texts;
  #task;
  #needed = 0;

  constructor(texts) {
    this.#texts = texts;
    this.#task = texts.task(null);
  }

  /** The current model's task, as `Texts.task` describes it. */
  set task(task) {
    this.#task = task;
  }

  /** The confidence below which a result for the complete frame is none of the model's labels. */
  set needed(needed) {
    this.#needed = needed;
  }

  get frameLevel() {
    return this.#task.frame_level;
  }

  /** "Face 3", or "Sign". */
  name(id) {
    return this.frameLevel ? this.#task.subject : this.#texts.phrase("face", { id });
  }

  /**
   * The common rule for row, tag, bars and announcement: the label, null where the result is uncertain; its
   * words; its share, "" without a label.
   */
  answer({ label, confidence, uncertain }) {
    if (uncertain) return { named: null, words: this.#task.uncertain, share: "" };
    return { named: label, words: this.#texts.label(label), share: this.#texts.percent(confidence) };
  }

  /** The closest match of an unknown frame, and the confidence that is needed; "" for faces and recognized frames. */
  closest({ label, confidence, uncertain }) {
    if (!uncertain || !this.frameLevel || confidence >= this.#needed) return "";
    const values = { label: this.#texts.label(label), confidence, needed: this.#needed };
    return closestMatch(this.#texts.phrase("closest"), values, (share) => this.#texts.percent(share));
  }

  /** The tag on the video: the label, and a face's number. */
  tag(subject) {
    return { id: this.frameLevel ? "" : String(subject.id), ...this.answer(subject) };
  }

  /** Everything in one sentence, for a screen reader. */
  summary(subjects) {
    if (this.frameLevel) return subjects.map((subject) => this.#wholeInWords(subject)).join();
    if (subjects.length === 0) return this.#texts.phrase("no_face");

    const list = subjects.map((face) => this.#faceInWords(face)).join("; ");
    return this.#texts.phrase("summary", { faces: this.#texts.plural("faces", subjects.length), list });
  }

  #wholeInWords(subject) {
    const { named, words, share } = this.answer(subject);
    return named === null ? words : this.#texts.phrase("summary_picture", { name: this.name(), label: words, confidence: share });
  }

  #faceInWords(face) {
    const { named, words, share } = this.answer(face);
    if (named === null) return this.#texts.phrase("summary_uncertain", { id: face.id });
    return this.#texts.phrase("summary_face", { id: face.id, label: words, confidence: share });
  }
}
