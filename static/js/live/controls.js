const SHOWN_IN = {
  start: ["idle", "stopped", "error"],
  pause: ["starting", "live", "paused", "reconnecting"],
  stop: ["starting", "live", "paused", "reconnecting"],
};

/**
 * The row of buttons below the video. delegate: startRequested(), pauseRequested(), stopRequested(), mirrorChanged(on),
 * smoothChanged(on).
 */
export class Controls {
  #delegate;
  #buttons;
  #texts;
  #preferences;
  #clicked = (event) => this.#click(event);

  /** root holds button[data-control=start|pause|stop|mirror|smooth]. */
  constructor(delegate, root, { texts, preferences }) {
    this.#delegate = delegate;
    this.#texts = texts;
    this.#preferences = preferences;
    this.#buttons = Object.fromEntries([...root.querySelectorAll("[data-control]")].map((button) => [button.dataset.control, button]));
  }

  start() {
    for (const button of Object.values(this.#buttons)) button.addEventListener("click", this.#clicked);
    this.#switch("mirror", this.#preferences.get("mirror") !== "off");
    this.#switch("smooth", this.#preferences.get("analysed") === "off");
  }

  stop() {
    for (const button of Object.values(this.#buttons)) button.removeEventListener("click", this.#clicked);
  }

  toggleMirror() {
    this.#toggle("mirror");
  }

  /** Show the buttons that apply to the state; keep the focus within the row. */
  show(state, { userPaused, resumable = false }) {
    const lostFocus = Object.entries(SHOWN_IN).some(([name, states]) => this.#buttons[name] === document.activeElement && !states.includes(state));
    for (const [name, states] of Object.entries(SHOWN_IN)) this.#buttons[name].hidden = !states.includes(state);
    if (lostFocus) (this.#buttons.start.hidden ? this.#buttons.stop : this.#buttons.start).focus();

    this.#label("pause", this.#texts.phrase(userPaused ? "resume" : "pause"));
    this.#buttons.pause.classList.toggle("is-paused", userPaused);
    this.#label("start", this.#texts.phrase(resumable ? "continue" : state === "stopped" ? "start_again" : "start"));
  }

  #click({ currentTarget }) {
    const ask = {
      start: () => this.#delegate.startRequested(),
      pause: () => this.#delegate.pauseRequested(),
      stop: () => this.#delegate.stopRequested(),
    }[currentTarget.dataset.control];
    if (ask) ask();
    else this.#toggle(currentTarget.dataset.control);
  }

  #toggle(name) {
    const on = this.#buttons[name].ariaPressed !== "true";
    if (name === "mirror") this.#preferences.set("mirror", on ? "on" : "off");
    else this.#preferences.set("analysed", on ? "off" : "on");
    this.#switch(name, on);
  }

  #switch(name, on) {
    this.#buttons[name].ariaPressed = String(on);
    if (name === "mirror") this.#delegate.mirrorChanged(on);
    else this.#delegate.smoothChanged(on);
  }

  #label(name, words) {
    this.#buttons[name].querySelector("[data-words]").textContent = words;
  }
}
