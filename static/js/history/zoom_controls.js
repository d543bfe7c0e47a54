import { clock } from "./formats.js";

const KEYS = { "+": "in", "=": "in", "-": "out", "_": "out", "0": "whole" };

/** Buttons and keys of the viewer's bar; they call `delegate.zoomChosen("in" | "out" | "whole")`. */
export class ZoomControls {
  #root;
  #delegate;
  #switch;
  #clicked = (event) => this.#click(event);
  #pressed = (event) => this.#press(event);

  /** keys: a `ShortcutSwitch`. */
  constructor(root, delegate, keys) {
    this.#root = root;
    this.#delegate = delegate;
    this.#switch = keys;
  }

  start() {
    this.#root.addEventListener("click", this.#clicked);
    this.#root.addEventListener("keydown", this.#pressed);
  }

  stop() {
    this.#root.removeEventListener("click", this.#clicked);
    this.#root.removeEventListener("keydown", this.#pressed);
  }

  /** Shows the visible range; empty for the complete session. */
  show(window) {
    const text = window.whole ? "" : `${clock(window.low)}–${clock(window.high)}`;
    this.#root.querySelector("[data-window]").textContent = text;
  }

  #click(event) {
    const kind = event.target.closest?.("[data-zoom]")?.dataset.zoom;
    if (kind) this.#delegate.zoomChosen(kind);
  }

  #press(event) {
    if (!this.#switch.on || event.ctrlKey || event.metaKey || event.altKey) return;
    const kind = KEYS[event.key];
    if (!kind) return;

    event.preventDefault();
    this.#delegate.zoomChosen(kind);
  }
}
