import { sendFilm } from "./film_upload.js";

/** The form that gives a film: sends the chosen file and goes on to the film's page. */
export class UploadForm {
  #root;
  #texts;
  #abort = null;
  #submitted = (event) => this.#send(event);
  #chosen = () => this.#show("idle");
  #stopped = () => this.#abort?.abort();

  constructor(root, { texts }) {
    this.#root = root;
    this.#texts = texts;
  }

  start() {
    this.#root.addEventListener("submit", this.#submitted);
    this.#find("[data-file]").addEventListener("change", this.#chosen);
    this.#find("[data-stop]").addEventListener("click", this.#stopped);
    this.#show("idle");
  }

  stop() {
    this.#stopped();
    this.#root.removeEventListener("submit", this.#submitted);
    this.#find("[data-file]").removeEventListener("change", this.#chosen);
    this.#find("[data-stop]").removeEventListener("click", this.#stopped);
  }

  async #send(event) {
    event.preventDefault();
    const [file] = this.#find("[data-file]").files;
    if (!file || this.#abort) return;
    this.#abort = new AbortController();
    this.#show("sending");
    try {
      const options = { announce: this.#root.dataset.announce, signal: this.#abort.signal, progressed: (part) => this.#progress(part) };
      window.location.assign(await sendFilm(file, new FormData(this.#root), options));
    } catch (error) {
      this.#abort = null;
      this.#show("idle", error.code === "aborted" ? "" : (error.message ?? this.#texts.phrase(`refused_${error.code ?? "failed"}`)));
    }
  }

  #progress(fraction) {
    this.#find("[data-progress]").value = fraction;
    const words = fraction < 1 ? this.#texts.phrase("sending", { percent: this.#texts.percent(fraction) }) : this.#texts.phrase("checking");
    this.#find("[data-words]").textContent = words;
  }

  #show(state, trouble = "") {
    const sending = state === "sending";
    this.#root.dataset.state = state;
    this.#find("[data-send]").disabled = sending || !this.#find("[data-file]").files.length;
    this.#find("[data-stop]").hidden = !sending;
    this.#find("[data-progress]").hidden = !sending;
    this.#find("[data-progress]").value = 0;
    this.#find("[data-words]").textContent = "";
    this.#find("[data-trouble]").textContent = trouble;
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }
}
