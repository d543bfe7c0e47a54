/** What this browser remembers between visits. Where storage is blocked it lasts as long as the page. */
export class Preferences {
  #storage;
  #memory = new Map();

  /** `openStorage` returns a Storage; asking for it may throw, as browsers do when they block it. */
  constructor(openStorage = () => window.localStorage) {
    try {
      this.#storage = openStorage();
    } catch {
      this.#storage = null;
    }
  }

  /** The remembered text, or null. */
  get(name) {
    return this.#memory.get(name) ?? this.#storage?.getItem(name) ?? null;
  }

  set(name, text) {
    this.#memory.set(name, text);
    try {
      this.#storage?.setItem(name, text);
    } catch {
      // Full or blocked: the page still has it in memory.
    }
  }

  remove(name) {
    this.#memory.delete(name);
    this.#storage?.removeItem(name);
  }
}
