import { Preferences } from "../lib/preferences.js";

const LOADED_AGAIN = new Set(["reload", "back_forward"]);

/**
 * Keeps the view while the page reloads: the viewer's window, the faces selected to be
 * merged and, after a form, the place on the screen. It lasts as long as the tab.
 */
export class ViewerMemory {
  #root;
  #viewer;
  #window;
  #storage;
  #key;
  #posted = false;
  #submitted = () => (this.#posted = true);
  #left = () => this.#keep();

  /** `viewer` has a `view` and shows it again with `showView`. */
  constructor(root, viewer, window = globalThis.window) {
    this.#root = root;
    this.#viewer = viewer;
    this.#window = window;
    this.#storage = new Preferences(() => window.sessionStorage);
    // A form with a mistake is shown again at another address, so the session names the page.
    this.#key = `viewer:${root.dataset.detail ?? window.location.pathname + window.location.search}`;
  }

  /** Restores the saved view; the viewer has started. */
  start() {
    this.#recall();
    this.#window.document.addEventListener("submit", this.#submitted);
    this.#window.addEventListener("pagehide", this.#left);
  }

  stop() {
    this.#window.document.removeEventListener("submit", this.#submitted);
    this.#window.removeEventListener("pagehide", this.#left);
  }

  get #top() {
    return this.#root.getBoundingClientRect().top;
  }

  get #selects() {
    return [...this.#root.querySelectorAll("select[id]")];
  }

  #keep() {
    const faces = Object.fromEntries(this.#selects.map((select) => [select.id, select.value]));
    this.#storage.set(this.#key, JSON.stringify({ view: this.#viewer.view, faces, top: this.#top, posted: this.#posted }));
  }

  #recall() {
    const kept = JSON.parse(this.#storage.get(this.#key) ?? "null");
    const [navigation] = this.#window.performance.getEntriesByType("navigation");
    if (!kept || !(kept.posted || LOADED_AGAIN.has(navigation?.type))) return;

    this.#viewer.showView(kept.view);
    for (const select of this.#selects) this.#choose(select, kept.faces[select.id]);
    // Not the distance from the page's top: a message there moves all that follows.
    if (kept.posted) this.#returnTo(kept.top);
  }

  #choose(select, face) {
    if ([...select.options].some((option) => option.value === face)) select.value = face;
  }

  // Repeated once everything is loaded: until then the browser scrolls to the address' anchor.
  #returnTo(top) {
    const scroll = () => this.#window.scrollBy({ top: this.#top - top, behavior: "instant" });
    scroll();
    this.#window.addEventListener("load", scroll, { once: true });
  }
}
