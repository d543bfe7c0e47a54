const NAME = "shortcuts";

/** The switch that disables single-key shortcuts, for visitors who use speech input. This browser remembers it. */
export class ShortcutSwitch {
  #input;
  #preferences;
  #page;
  #keys;
  #changed = () => this.#change();

  /** input: the checkbox. On `page`, [aria-keyshortcuts] name a key and [data-shortcut-help] explains some. */
  constructor(input, preferences, page = document) {
    this.#input = input;
    this.#preferences = preferences;
    this.#page = page;
    this.#keys = new Map([...page.querySelectorAll("[aria-keyshortcuts]")].map((element) => [element, element.ariaKeyShortcuts]));
  }

  get on() {
    return this.#preferences.get(NAME) !== "off";
  }

  start() {
    this.#input.addEventListener("change", this.#changed);
    this.#show();
  }

  stop() {
    this.#input.removeEventListener("change", this.#changed);
  }

  #change() {
    this.#preferences.set(NAME, this.#input.checked ? "on" : "off");
    this.#show();
  }

  #show() {
    this.#input.checked = this.on;
    for (const help of this.#page.querySelectorAll("[data-shortcut-help]")) help.hidden = !this.on;
    for (const [element, key] of this.#keys) element.ariaKeyShortcuts = this.on ? key : null;
  }
}
