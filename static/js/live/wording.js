import { closestMatch } from "../lib/closest_match.js";

// By task: what is looked at, and what it is called where the model is not sure of any of its labels.
const WHOLE_PICTURES = {
  hand_signs: { name: "sign", unsure: "no_sign" },
  places: { name: "place", unsure: "unknown_place" },
  scenes: { name: "scene", unsure: "unknown_scene" },
};

/** The words for what the chosen model sees: faces by their number, or the one thing that the whole frame shows. */
export class Wording {
  #texts;
  #task = "emotion";
  #needed = 0;

  constructor(texts) {
    this.#texts = texts;
  }

  set task(task) {
    this.#task = task;
  }

  /** The confidence below which an answer for the whole picture is none of the model's labels. */
  set needed(needed) {
    this.#needed = needed;
  }

  get ofPictures() {
    return this.#task in WHOLE_PICTURES;
  }

  /** "Face 3", or "Sign". */
  name(id) {
    return this.ofPictures ? this.#texts.phrase(this.#whole.name) : this.#texts.phrase("face", { id });
  }

  /** A row's words: a face that is uncertain is guessed at, a sign that is uncertain is none. */
  row({ label, confidence, uncertain }) {
    const name = this.#texts.label(label);
    if (uncertain && this.ofPictures) return { words: this.#texts.phrase(this.#whole.unsure), share: "" };
    return { words: uncertain ? this.#texts.phrase("maybe", { label: name }) : name, share: this.#texts.percent(confidence) };
  }

  /** What an unknown picture resembles most, and how far that is from an answer; "" for faces and answers. */
  closest({ label, confidence, uncertain }) {
    if (!uncertain || !this.ofPictures) return "";
    const values = { label: this.#texts.label(label), confidence, needed: this.#needed };
    return closestMatch(this.#texts.phrase("closest"), values, (share) => this.#texts.percent(share));
  }

  /** What stands over the picture: short. */
  tag({ id, label, confidence, uncertain }) {
    const shownId = this.ofPictures ? "" : String(id);
    const unsure = this.#texts.phrase(this.ofPictures ? this.#whole.unsure : "uncertain");
    if (uncertain) return { id: shownId, words: unsure, share: "" };
    return { id: shownId, words: this.#texts.label(label), share: this.#texts.percent(confidence) };
  }

  /** Everything in one sentence, for a screen reader. */
  summary(subjects) {
    if (this.ofPictures) return subjects.map((subject) => this.#wholeInWords(subject)).join();
    if (subjects.length === 0) return this.#texts.phrase("no_face");

    const list = subjects.map((face) => this.#faceInWords(face)).join("; ");
    return this.#texts.phrase("summary", { faces: this.#texts.plural("faces", subjects.length), list });
  }

  get #whole() {
    return WHOLE_PICTURES[this.#task];
  }

  #wholeInWords(subject) {
    const { words, share } = this.tag(subject);
    return subject.uncertain ? words : this.#texts.phrase("summary_picture", { name: this.name(), label: words, confidence: share });
  }

  #faceInWords({ id, label, confidence, uncertain }) {
    if (uncertain) return this.#texts.phrase("summary_uncertain", { id });
    return this.#texts.phrase("summary_face", { id, label: this.#texts.label(label), confidence: this.#texts.percent(confidence) });
  }
}
