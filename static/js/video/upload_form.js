import { uploadVideo } from "./video_upload.js";

const RESUMABLE = new Set(["bad_part", "busy", "no_space"]);
const LONGEST_NAME = 120; // the server cuts names there

/** The upload form: sends the chosen file, or the rest of one, and continues to the video's page. */
export class UploadForm {
  #root;
  #texts;
  #abort = null;
  // The uploads that were interrupted, [{upload, name, size}], and the one that was chosen to continue.
  #unfinished = [];
  #continued = null;
  #submitted = (event) => this.#submit(event);
  #chosen = () => this.#choose();
  #stopped = () => this.#abort?.abort();
  #clicked = (event) => this.#askForFile(event.target.closest("[data-continue]"));

  constructor(root, { texts }) {
    this.#root = root;
    this.#texts = texts;
  }

  start() {
    this.#root.addEventListener("submit", this.#submitted);
    this.#find("[data-file]").addEventListener("change", this.#chosen);
    this.#find("[data-stop]").addEventListener("click", this.#stopped);
    document.addEventListener("click", this.#clicked);
    for (const button of document.querySelectorAll("[data-continue]")) {
      button.hidden = false;
      this.#unfinished.push({ upload: button.dataset.continue, name: button.dataset.name, size: Number(button.dataset.size) });
    }
    this.#show("idle");
  }

  stop() {
    this.#stopped();
    this.#root.removeEventListener("submit", this.#submitted);
    this.#find("[data-file]").removeEventListener("change", this.#chosen);
    this.#find("[data-stop]").removeEventListener("click", this.#stopped);
    document.removeEventListener("click", this.#clicked);
  }

  get #file() {
    return this.#find("[data-file]").files[0];
  }

  #askForFile(button) {
    if (!button || this.#abort) return;
    this.#continued = this.#unfinished.find(({ upload }) => upload === button.dataset.continue);
    this.#find("[data-file]").click();
  }

  #choose() {
    const asked = this.#continued;
    this.#continued = this.#unfinished.find((upload) => isOf(upload, this.#file)) ?? null;
    this.#show("idle", asked && asked !== this.#continued ? this.#texts.phrase("refused_other_file") : "");
    if (asked && asked === this.#continued) this.#send();
  }

  #submit(event) {
    event.preventDefault();
    if (this.#file && !this.#abort) this.#send();
  }

  async #send() {
    this.#abort = new AbortController();
    this.#show("sending");
    const options = {
      announce: this.#root.dataset.announce,
      upload: this.#continued?.upload,
      signal: this.#abort.signal,
      progressed: (part) => this.#progress(part),
      retrying: () => this.#say(this.#texts.phrase("retrying")),
    };
    try {
      window.location.assign(await uploadVideo(this.#file, new FormData(this.#root), options));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail({ code = "failed", message, upload }) {
    this.#abort = null;
    // An upload that was interrupted or stopped can continue; one that the server rejected or no longer has cannot.
    const resumable = upload && (RESUMABLE.has(code) || !message);
    if (code !== "other_file") this.#unfinished = this.#unfinished.filter((other) => other !== this.#continued);
    this.#continued = resumable && code !== "other_file" ? { upload, name: shortened(this.#file), size: this.#file.size } : null;
    if (this.#continued) this.#unfinished.push(this.#continued);
    const words = code === "offline" && upload ? this.#texts.phrase("interrupted") : (message ?? this.#texts.phrase(`refused_${code}`));
    this.#show("idle", code === "aborted" ? "" : words);
  }

  #progress(fraction) {
    this.#find("[data-progress]").value = fraction;
    this.#say(fraction < 1 ? this.#texts.phrase("sending", { percent: this.#texts.percent(fraction) }) : this.#texts.phrase("checking"));
  }

  #say(words) {
    this.#find("[data-words]").textContent = words;
  }

  #show(state, trouble = "") {
    const sending = state === "sending";
    this.#root.dataset.state = state;
    this.#find("[data-send]").disabled = sending || !this.#file;
    this.#find("[data-send]").textContent = this.#texts.phrase(this.#continued ? "continue" : "send");
    this.#find("[data-stop]").hidden = !sending;
    this.#find("[data-progress]").hidden = !sending;
    this.#find("[data-progress]").value = 0;
    this.#say("");
    this.#find("[data-trouble]").textContent = trouble;
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }
}

function isOf({ name, size }, file) {
  return Boolean(file) && file.size === size && shortened(file) === name;
}

function shortened(file) {
  return file.name.trim().slice(0, LONGEST_NAME);
}
