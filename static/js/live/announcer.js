const CALM_MS = 3000;

/** Tells a screen reader who is seen and what they show: only news, politely, at most every 3 s. */
export class Announcer {
  #element;
  #texts;
  #clock;
  #said = "";
  #saidAt = -Infinity;

  constructor(element, { texts, clock }) {
    this.#element = element;
    this.#texts = texts;
    this.#clock = clock;
  }

  facesSeen(faces) {
    const now = this.#clock.now();
    if (now - this.#saidAt < CALM_MS) return;

    const key = faces.map((face) => `${face.id}:${face.uncertain ? "?" : face.label}`).join();
    if (key === this.#said) return;

    this.#said = key;
    this.#saidAt = now;
    this.#element.textContent = this.#summary(faces);
  }

  clear() {
    this.#said = "";
    this.#element.textContent = "";
  }

  #summary(faces) {
    if (faces.length === 0) return this.#texts.phrase("no_face");

    const list = faces.map((face) => this.#face(face)).join("; ");
    return this.#texts.phrase("summary", { faces: this.#texts.plural("faces", faces.length), list });
  }

  #face({ id, label, confidence, uncertain }) {
    if (uncertain) return this.#texts.phrase("summary_uncertain", { id });
    return this.#texts.phrase("summary_face", { id, label: this.#texts.label(label), confidence: this.#texts.percent(confidence) });
  }
}
