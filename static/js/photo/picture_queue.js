let lastId = 0;

/**
 * Sends pictures one after the other; one that fails ends itself alone.
 * delegate: pictureChanged(picture), queueChanged().
 * A picture is {id, name, file, state, progress, answer, error, options}; its state is `waiting`, `sending`,
 * `analysing`, `done` or `failed`.
 */
export class PictureQueue {
  #delegate;
  #send;
  #maxBytes;
  #pictures = [];
  #current = null;

  /** send(picture, {progressed, signal}) gives the answer's promise. */
  constructor(delegate, { send, maxBytes }) {
    this.#delegate = delegate;
    this.#send = send;
    this.#maxBytes = maxBytes;
  }

  get pictures() {
    return this.#pictures;
  }

  find(id) {
    return this.#pictures.find((picture) => picture.id === id) ?? null;
  }

  count(...states) {
    return this.#pictures.filter(({ state }) => states.includes(state)).length;
  }

  /** options: the model and label set, as request parameters. */
  add(files, options) {
    const added = files.map((file) => ({ id: (lastId += 1), name: file.name, file, options }));
    this.#pictures.push(...added);
    for (const picture of added) this.#wait(picture);
    this.#next();
    return added;
  }

  /** Looks at every picture again, for something else. */
  restart(options) {
    this.#current?.abort.abort();
    this.#current = null;
    for (const picture of this.#pictures) this.#wait(Object.assign(picture, { options }));
    this.#next();
  }

  remove(id) {
    if (this.#current?.picture.id === id) this.#current.abort.abort();
    this.#pictures = this.#pictures.filter((picture) => picture.id !== id);
    this.#delegate.queueChanged();
  }

  clear() {
    this.#current?.abort.abort();
    this.#pictures = [];
    this.#delegate.queueChanged();
  }

  #wait(picture) {
    Object.assign(picture, { state: "waiting", progress: 0, answer: null, error: null });
    if (picture.file.size > this.#maxBytes) Object.assign(picture, { state: "failed", error: { code: "too_large" } });
    this.#changed(picture);
  }

  async #next() {
    if (this.#current) return;
    const picture = this.#pictures.find(({ state }) => state === "waiting");
    if (!picture) return;

    const current = { picture, abort: new AbortController() };
    this.#current = current;
    picture.state = "sending";
    this.#changed(picture);
    const outcome = await this.#outcome(current);
    if (this.#current !== current) return; // started again for something else meanwhile

    this.#current = null;
    Object.assign(picture, outcome);
    if (this.#pictures.includes(picture)) this.#changed(picture);
    this.#next();
  }

  async #outcome({ picture, abort }) {
    const progressed = (fraction) => {
      if (abort.signal.aborted) return;
      Object.assign(picture, { progress: fraction, state: fraction < 1 ? "sending" : "analysing" });
      this.#changed(picture);
    };
    try {
      return { state: "done", answer: await this.#send(picture, { progressed, signal: abort.signal }) };
    } catch (error) {
      return { state: "failed", error };
    }
  }

  #changed(picture) {
    this.#delegate.pictureChanged(picture);
    this.#delegate.queueChanged();
  }
}
