const CONFIRMATION_MS = 2000;

/** A button that copies an example's code to the clipboard, and confirms it briefly. */
export class CopyButton {
  #button;
  #code;
  #clipboard;
  #words;
  #timer = 0;

  constructor(button, code, clipboard) {
    this.#button = button;
    this.#code = code;
    this.#clipboard = clipboard;
    this.#words = button.textContent;
  }

  start() {
    this.#button.hidden = false;
    this.#button.addEventListener("click", () => this.#copy());
  }

  async #copy() {
    try {
      await this.#clipboard.writeText(this.#code.textContent);
      this.#tell(this.#button.dataset.copied);
    } catch {
      this.#tell(this.#button.dataset.refused);
    }
  }

  #tell(words) {
    clearTimeout(this.#timer);
    this.#button.textContent = words;
    this.#timer = setTimeout(() => { this.#button.textContent = this.#words; }, CONFIRMATION_MS);
  }
}
