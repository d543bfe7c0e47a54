const CAPACITY = 4; // a little over the credit; the oldest goes first

/** Keeps the last sent pictures by seq until their answers come, so that boxes are drawn on the very frame. */
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

  /** Hands the picture over (the taker closes it); null when it is gone. */
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
