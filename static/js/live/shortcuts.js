const TYPING = "input:not([type=checkbox]), select, textarea, [contenteditable]";

/** Single-letter shortcuts for the page: {s: () => ...}. Not while typing, with a modifier key, or when disabled. */
export class Shortcuts {
  #actions;
  #switch;
  #pressed = (event) => this.#press(event);

  /** keys: a `ShortcutSwitch`. */
  constructor(actions, keys) {
    this.#actions = actions;
    this.#switch = keys;
  }

  start() {
    document.addEventListener("keydown", this.#pressed);
  }

  stop() {
    document.removeEventListener("keydown", this.#pressed);
  }

  #press(event) {
    if (!this.#switch.on || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.(TYPING)) return;

    this.#actions[event.key.toLowerCase()]?.();
  }
}
