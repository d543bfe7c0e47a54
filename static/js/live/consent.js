/** The visitor's consent to one version of what this page does, stored in the browser until it is withdrawn. */
export class Consent {
  #preferences;
  #version;

  constructor(preferences, version) {
    this.#preferences = preferences;
    this.#version = version;
  }

  get version() {
    return this.#version;
  }

  get given() {
    return this.#preferences.get("consent") === this.#version;
  }

  give() {
    this.#preferences.set("consent", this.#version);
  }

  withdraw() {
    this.#preferences.remove("consent");
  }
}
