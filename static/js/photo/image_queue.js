let lastId = 0;

/**
 * Sends images one after the other; one that fails does not stop the others.
 * delegate: imageChanged(image), queueChanged().
 * An image is {id, name, file, state, progress, answer, error, options}; its state is `waiting`, `sending`,
 * `analysing`, `done` or `failed`.
 */
export class ImageQueue {
  #delegate;
  #send;
  #maxBytes;
  #images = [];
  #current = null;

  /** send(image, {progressed, signal}) gives the answer's promise. */
  constructor(delegate, { send, maxBytes }) {
    this.#delegate = delegate;
    this.#send = send;
    this.#maxBytes = maxBytes;
  }

  get images() {
    return this.#images;
  }

  find(id) {
    return this.#images.find((image) => image.id === id) ?? null;
  }

  count(...states) {
    return this.#images.filter(({ state }) => states.includes(state)).length;
  }

  /** options: the model and its settings, as in the request. */
  add(files, options) {
    const added = files.map((file) => ({ id: (lastId += 1), name: file.name, file, options }));
    this.#images.push(...added);
    for (const image of added) this.#wait(image);
    this.#next();
    return added;
  }

  /** Analyses every image again with other options. */
  restart(options) {
    this.#current?.abort.abort();
    this.#current = null;
    for (const image of this.#images) this.#wait(Object.assign(image, { options }));
    this.#next();
  }

  remove(id) {
    if (this.#current?.image.id === id) this.#current.abort.abort();
    this.#images = this.#images.filter((image) => image.id !== id);
    this.#delegate.queueChanged();
  }

  clear() {
    this.#current?.abort.abort();
    this.#images = [];
    this.#delegate.queueChanged();
  }

  #wait(image) {
    Object.assign(image, { state: "waiting", progress: 0, answer: null, error: null });
    if (image.file.size > this.#maxBytes) Object.assign(image, { state: "failed", error: { code: "too_large" } });
    this.#changed(image);
  }

  async #next() {
    if (this.#current) return;
    const image = this.#images.find(({ state }) => state === "waiting");
    if (!image) return;

    const current = { image, abort: new AbortController() };
    this.#current = current;
    image.state = "sending";
    this.#changed(image);
    const outcome = await this.#outcome(current);
    if (this.#current !== current) return; // started again for something else meanwhile

    this.#current = null;
    Object.assign(image, outcome);
    if (this.#images.includes(image)) this.#changed(image);
    this.#next();
  }

  async #outcome({ image, abort }) {
    const progressed = (fraction) => {
      if (abort.signal.aborted) return;
      Object.assign(image, { progress: fraction, state: fraction < 1 ? "sending" : "analysing" });
      this.#changed(image);
    };
    try {
      return { state: "done", answer: await this.#send(image, { progressed, signal: abort.signal }) };
    } catch (error) {
      return { state: "failed", error };
    }
  }

  #changed(image) {
    this.#delegate.imageChanged(image);
    this.#delegate.queueChanged();
  }
}
