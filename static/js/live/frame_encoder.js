import { CanvasEncoder } from "./canvas_encoder.js";
import { WorkerEncoder } from "./worker_encoder.js";

const TRIALS = 4; // the first frame of a worker pays for its start; the best of four is what it costs
const SLOW_MS = 40;
const SLOWER_THAN_CANVAS = 2;

/** A video's frame as JPEG, scaled; in a worker unless this browser does that clearly worse. */
export class FrameEncoder {
  #clock;
  #canvas;
  #worker;
  #trials = [];

  constructor(clock, { canvas = new CanvasEncoder(), worker = WorkerEncoder.supported ? new WorkerEncoder() : null } = {}) {
    this.#clock = clock;
    this.#canvas = canvas;
    this.#worker = worker;
  }

  get inWorker() {
    return this.#worker !== null;
  }

  /** {bytes, bitmap, width, height, capturedMs}; sides follow maxSide and keep the frame's aspect ratio. */
  async encode(video, { maxSide, jpegQuality }) {
    const size = scaledSize(video.videoWidth, video.videoHeight, maxSide);
    const capturedMs = this.#clock.now();
    const encoded = await this.#encodeSomehow(video, { ...size, jpegQuality });
    return { ...encoded, ...size, capturedMs };
  }

  stop() {
    this.#worker?.stop();
    this.#worker = null;
  }

  async #encodeSomehow(video, options) {
    if (!this.#worker) return this.#canvas.encode(video, options);
    if (this.#trials.length === TRIALS) return this.#decide(video, options);

    const startedAt = this.#clock.now();
    let encoded;
    try {
      encoded = await this.#worker.encode(video, options);
    } catch {
      this.stop(); // no worker here (an old browser, a strict setting): the canvas does it from now on
      return this.#canvas.encode(video, options);
    }
    if (this.#trials.length < TRIALS) this.#trials.push(this.#clock.now() - startedAt);
    return encoded;
  }

  /** Once: the page's thread is precious, so the worker loses only when it is slow and the canvas is not. */
  async #decide(video, options) {
    const workerMs = Math.min(...this.#trials);
    this.#trials.push(workerMs);
    if (workerMs < SLOW_MS) return this.#encodeSomehow(video, options);

    const startedAt = this.#clock.now();
    const encoded = await this.#canvas.encode(video, options);
    if (workerMs > SLOWER_THAN_CANVAS * (this.#clock.now() - startedAt)) this.stop();
    return encoded;
  }
}

/** The size after scaling the longer side down to maxSide; never enlarged, never 0. */
export function scaledSize(width, height, maxSide) {
  const scale = Math.min(1, maxSide / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
