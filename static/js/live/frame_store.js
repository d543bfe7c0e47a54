const CAPACITY = 4; // a little more than the credit; the oldest is dropped first

/** Keeps the last sent frames by seq until their results arrive, so that boxes are drawn on the same frame. */
export class FrameStore {
  #bitmaps = new Map();

  get size() {
    return this.#bitmaps.size;
  }

  put(seq, bitmap) {
    this.#bitmaps.set(seq, bitmap);
    for (const oldest of this.#bitmaps.keys()) {
      if (this.#bitmaps.size <= CAPACITY) break;
      this.discard(oldest);
    }
  }

  /** Returns the frame (the caller closes it); null when it was dropped. */
  take(seq) {
    const bitmap = this.#bitmaps.get(seq) ?? null;
    this.#bitmaps.delete(seq);
    return bitmap;
  }

  discard(seq) {
    this.take(seq)?.close();
  }

  clear() {
    for (const seq of [...this.#bitmaps.keys()]) this.discard(seq);
  }
}
