/** The light or dark button. Without a choice the system decides; theme.js puts a stored choice in place early. */
export class ThemeToggle {
  #button;
  #preferences;
  #system = window.matchMedia("(prefers-color-scheme: dark)");
  #root = document.documentElement;
  #clicked = () => this.#toggle();
  #systemChanged = () => this.#render();

  constructor(button, preferences) {
    this.#button = button;
    this.#preferences = preferences;
  }

  start() {
    this.#button.hidden = false;
    this.#button.addEventListener("click", this.#clicked);
    this.#system.addEventListener("change", this.#systemChanged);
    this.#render();
  }

  stop() {
    this.#button.removeEventListener("click", this.#clicked);
    this.#system.removeEventListener("change", this.#systemChanged);
  }

  get dark() {
    const chosen = this.#root.dataset.theme;
    return chosen ? chosen === "dark" : this.#system.matches;
  }

  #toggle() {
    const theme = this.dark ? "light" : "dark";
    this.#root.dataset.theme = theme;
    this.#preferences.set("theme", theme);
    this.#render();
  }

  #render() {
    this.#button.setAttribute("aria-pressed", String(this.dark));
  }
}
