const EARLY_MS = 4; // a camera's frame arrives a little before or after it is due

/**
 * Decides when the next frame may be sent: never more than `credit` unanswered, never faster than `fps`.
 * A frame counts from the moment it is reserved (before it is encoded), so two can never race past the limit.
 */
export class FramePacer {
  credit = 2;
  fps = 25;

  #clock;
  #seq = 0;
  #answered = 0;
  #reserved = null;
  #sentAt = new Map(); // seq -> ms, unanswered frames
  #dueAt = 0;

  constructor(clock) {
    this.#clock = clock;
  }

  /** Forgets the frames of a lost socket. `seq` keeps rising; `answered` is counted per socket. */
  reset() {
    this.#answered = 0;
    this.#reserved = null;
    this.#sentAt.clear();
    this.#dueAt = 0;
  }

  get unanswered() {
    return this.#sentAt.size + (this.#reserved === null ? 0 : 1);
  }

  /** The highest seq whose response was read, 0 at first. */
  get answeredSeq() {
    return this.#answered;
  }

  get ready() {
    const inTime = this.#clock.now() >= this.#dueAt - EARLY_MS;
    return inTime && this.#reserved === null && this.unanswered < this.credit;
  }

  /** How long the oldest frame has waited for its response, in ms; 0 when none is pending. */
  get oldestWaitMs() {
    const [oldest] = this.#sentAt.values();
    return oldest === undefined ? 0 : this.#clock.now() - oldest;
  }

  /** Reserves the next frame; returns its seq. */
  reserve() {
    const now = this.#clock.now();
    const interval = 1000 / this.fps;
    // Keeps the pace over single late frames, but never catches up after a pause.
    this.#dueAt = now - this.#dueAt > interval ? now + interval : this.#dueAt + interval;
    this.#seq += 1;
    this.#reserved = this.#seq;
    return this.#seq;
  }

  /** The frame was not sent after all. */
  cancel(seq) {
    if (this.#reserved === seq) this.#reserved = null;
  }

  /** False when the frame belongs to a previous socket. */
  isReserved(seq) {
    return this.#reserved === seq;
  }

  sent(seq) {
    this.cancel(seq);
    this.#sentAt.set(seq, this.#clock.now());
  }

  /** The round trip in ms; null for an unknown frame. */
  answer(seq) {
    const sentAt = this.#sentAt.get(seq);
    if (sentAt === undefined) return null;

    this.#sentAt.delete(seq);
    this.#answered = Math.max(this.#answered, seq);
    return this.#clock.now() - sentAt;
  }
}
