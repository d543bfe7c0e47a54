/** Encodes in a worker. The frame is transferred in both directions without a copy. */
export class WorkerEncoder {
  #worker;
  #waiting = null;

  static get supported() {
    return typeof Worker === "function" && typeof OffscreenCanvas === "function";
  }

  constructor() {
    this.#worker = new Worker(new URL("./frame_encoder_worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => (data.failure ? this.#settle("reject", new Error(data.failure)) : this.#settle("resolve", data));
    this.#worker.onerror = () => this.#settle("reject", new Error("the encoder's worker did not start"));
  }

  /** {bytes: ArrayBuffer, bitmap}; one frame at a time. */
  async encode(video, { width, height, jpegQuality }) {
    const bitmap = await createImageBitmap(video);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#worker.postMessage({ bitmap, width, height, jpegQuality }, [bitmap]);
    });
  }

  stop() {
    this.#worker.terminate();
    this.#settle("reject", new Error("stopped"));
  }

  #settle(how, value) {
    this.#waiting?.[how](value);
    this.#waiting = null;
  }
}
