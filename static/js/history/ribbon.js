/** A face's ribbon: shows the playhead and the window on it, and moves the playhead when pressed. */
export class Ribbon {
  #root;
  #seconds;
  #delegate;
  #cursor;
  #frame;
  #pressed = (event) => this.#press(event);

  /** `root` is as long as `seconds`. */
  constructor(root, seconds, delegate) {
    this.#root = root;
    this.#seconds = seconds;
    this.#delegate = delegate;
  }

  start() {
    this.#frame = this.#add("lane__window");
    this.#cursor = this.#add("lane__cursor");
    this.#root.addEventListener("pointerdown", this.#pressed);
  }

  stop() {
    this.#root.removeEventListener("pointerdown", this.#pressed);
    this.#frame?.remove();
    this.#cursor?.remove();
  }

  showPlayhead(second) {
    this.#cursor.style.left = this.#place(second + 0.5);
  }

  showWindow(window) {
    this.#frame.hidden = window.whole;
    this.#frame.style.left = this.#place(window.low);
    this.#frame.style.width = this.#place(window.high - window.low);
  }

  #press(event) {
    const { left, width } = this.#root.getBoundingClientRect();
    this.#delegate.timeChosen(Math.floor((this.#seconds * (event.clientX - left)) / width));
  }

  #place(second) {
    return `${(100 * Math.min(second, this.#seconds)) / this.#seconds}%`;
  }

  #add(name) {
    const element = document.createElement("span");
    element.className = name;
    element.setAttribute("aria-hidden", "true");
    this.#root.append(element);
    return element;
  }
}
