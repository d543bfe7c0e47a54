import { median } from "../lib/median.js";

const CALM_MS = 200; // round trips below this are never considered slow
const SLOW_FACTOR = 2; // nor those below twice the fastest, for distant visitors
const MIN = { fps: 4, maxSide: 320, jpegQuality: 0.5 };
const START = { fps: 25, maxSide: 640, jpegQuality: 0.8 };
const STEP = { fps: 1, maxSide: 32, jpegQuality: 0.05 };
const BACK_OFF = 0.75;
const SMALLER_BELOW_FPS = 10; // fewer frames first; below this rate frames shrink as well

/**
 * How much to send, by what the connection and the server can handle: adds a little each calm second, subtracts a quarter
 * in a slow one. The server's hints are ceilings.
 */
export class RateControl {
  #ceiling = { ...START };
  #now = { ...START };
  #roundTrips = [];
  #quickest = Infinity;
  #backlog = false;

  get fps() {
    return this.#now.fps;
  }

  get maxSide() {
    return this.#now.maxSide;
  }

  get jpegQuality() {
    return this.#now.jpegQuality;
  }

  /** A hint or the welcome's limits, any of {fps, maxSide, jpegQuality}. */
  limit(ceiling) {
    for (const [name, value] of Object.entries(ceiling)) {
      if (!Number.isFinite(value)) continue;
      this.#ceiling[name] = Math.min(value, START[name]);
      this.#now[name] = Math.min(this.#now[name], this.#ceiling[name]);
    }
  }

  answered(roundTripMs) {
    this.#roundTrips.push(roundTripMs);
    this.#quickest = Math.min(this.#quickest, roundTripMs);
  }

  /** Bytes are still buffered in the socket when the next frame is due. */
  backlogSeen() {
    this.#backlog = true;
  }

  /** Call once a second. */
  adjust() {
    if (this.#slow) this.#decrease();
    else if (this.#roundTrips.length > 0) this.#increase();
    this.#roundTrips = [];
    this.#backlog = false;
  }

  get #slow() {
    const typical = median(this.#roundTrips) ?? 0;
    return this.#backlog || typical > Math.max(CALM_MS, SLOW_FACTOR * this.#quickest);
  }

  #decrease() {
    if (this.#now.fps <= SMALLER_BELOW_FPS) {
      this.#set("maxSide", Math.round(this.#now.maxSide * BACK_OFF));
      this.#set("jpegQuality", this.#now.jpegQuality - 2 * STEP.jpegQuality);
    }
    this.#set("fps", this.#now.fps * BACK_OFF);
  }

  #increase() {
    for (const [name, step] of Object.entries(STEP)) this.#set(name, this.#now[name] + step);
  }

  #set(name, value) {
    this.#now[name] = Math.min(Math.max(value, Math.min(MIN[name], this.#ceiling[name])), this.#ceiling[name]);
  }
}
