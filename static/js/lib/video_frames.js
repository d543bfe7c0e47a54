/** Reports when a <video> shows a new frame: by requestVideoFrameCallback, else with each repaint. */
export class VideoFrames {
  #video;
  #framePresented;
  #request = null;
  #lastTime = -1;

  constructor(video, framePresented) {
    this.#video = video;
    this.#framePresented = framePresented;
  }

  start() {
    if (this.#request === null) this.#next();
  }

  stop() {
    if (this.#request === null) return;

    if (this.#exact) this.#video.cancelVideoFrameCallback(this.#request);
    else cancelAnimationFrame(this.#request);
    this.#request = null;
  }

  get #exact() {
    return "requestVideoFrameCallback" in this.#video;
  }

  #next() {
    this.#request = this.#exact
      ? this.#video.requestVideoFrameCallback(() => this.#presented())
      : requestAnimationFrame(() => this.#painted());
  }

  #painted() {
    const time = this.#video.currentTime;
    if (time === this.#lastTime) return this.#next();

    this.#lastTime = time;
    return this.#presented();
  }

  #presented() {
    this.#next();
    this.#framePresented();
  }
}
