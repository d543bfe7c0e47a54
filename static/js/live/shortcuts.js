const TYPING = "input:not([type=checkbox]), select, textarea, [contenteditable]";

/** Single letters for the whole page: {s: () => ...}. Never while somebody types, nor with a modifier. */
export class Shortcuts {
  #actions;
  #pressed = (event) => this.#press(event);

  constructor(actions) {
    this.#actions = actions;
  }

  start() {
    document.addEventListener("keydown", this.#pressed);
  }

  stop() {
    document.removeEventListener("keydown", this.#pressed);
  }

  #press(event) {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.(TYPING)) return;

    this.#actions[event.key.toLowerCase()]?.();
  }
}
