const PING_MS = 5 * 1000;
const SILENT_MS = 12 * 1000; // stats come each 2 s, pongs each 5 s: this much silence means a dead connection

/** Monitors one open connection: sends pings, and reports when nothing has been received for long. */
export class ConnectionMonitor {
  #delegate;
  #clock;
  #timer = null;
  #heardAt = 0;

  /** delegate: pingDue(), connectionSilent(). */
  constructor(delegate, clock) {
    this.#delegate = delegate;
    this.#clock = clock;
  }

  start() {
    this.stop();
    this.heard();
    this.#timer = this.#clock.setInterval(() => this.#look(), PING_MS);
  }

  stop() {
    this.#clock.clearInterval(this.#timer);
    this.#timer = null;
  }

  heard() {
    this.#heardAt = this.#clock.now();
  }

  #look() {
    if (this.#clock.now() - this.#heardAt > SILENT_MS) this.#delegate.connectionSilent();
    else this.#delegate.pingDue();
  }
}
