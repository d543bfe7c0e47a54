/** One line below the video: what is slow, and what to do about it. */
export class SlowHint {
  #root;
  #texts;

  /** root holds [data-slow-title] and [data-slow-text]. */
  constructor(root, texts) {
    this.#root = root;
    this.#texts = texts;
  }

  /** cause: "connection" or "server"; null hides the line. */
  show(cause) {
    const { title, text } = cause ? this.#texts.notice(`slow-${cause}`) : { title: "", text: "" };
    this.#root.querySelector("[data-slow-title]").textContent = title;
    this.#root.querySelector("[data-slow-text]").textContent = text;
    this.#root.toggleAttribute("data-shown", cause !== null);
  }
}
