import { Wording } from "./wording.js";

const CALM_MS = 3000;

/** Announces to a screen reader the faces and their expressions, or what the frame shows: only changes, politely, at most every 3 s. */
export class Announcer {
  #element;
  #wording;
  #clock;
  #said = "";
  #saidAt = -Infinity;

  constructor(element, { texts, clock, wording = new Wording(texts) }) {
    this.#element = element;
    this.#wording = wording;
    this.#clock = clock;
  }

  facesSeen(faces) {
    const now = this.#clock.now();
    if (now - this.#saidAt < CALM_MS) return;

    const key = faces.map((face) => `${face.id}:${this.#wording.answer(face).named}`).join();
    if (key === this.#said) return;

    this.#said = key;
    this.#saidAt = now;
    this.#element.textContent = this.#wording.summary(faces);
  }

  clear() {
    this.#said = "";
    this.#element.textContent = "";
  }
}
