/** Images that are dropped, chosen or pasted. delegate: filesGiven(files), cameraRequested(). */
export class ImageIntake {
  #delegate;
  #texts;
  #input;
  #drop;
  #choose;
  #pasted = 0;
  #over = 0;
  #listeners = [];

  /** root holds [data-files], [data-drop] and [data-choose]. */
  constructor(delegate, root, texts) {
    this.#delegate = delegate;
    this.#texts = texts;
    this.#input = root.querySelector("[data-files]");
    this.#drop = root.querySelector("[data-drop]");
    this.#choose = root.querySelector("[data-choose]");
  }

  start() {
    this.#listen(this.#choose, "click", () => this.#input.click());
    this.#listen(this.#input, "change", () => this.#chosen());
    this.#listen(document, "paste", (event) => this.#paste(event));
    // The whole page takes drops: an image beside the frame must not replace the page.
    this.#listen(document, "dragenter", () => this.#hover(1));
    this.#listen(document, "dragleave", () => this.#hover(-1));
    this.#listen(document, "dragover", (event) => event.preventDefault());
    this.#listen(document, "drop", (event) => this.#dropped(event));
    this.#choose.disabled = false;
  }

  stop() {
    for (const remove of this.#listeners) remove();
    this.#listeners = [];
  }

  #chosen() {
    this.#give([...this.#input.files]);
    this.#input.value = ""; // the same file may be chosen again
  }

  #dropped(event) {
    event.preventDefault();
    this.#over = 0;
    this.#hover(0);
    this.#give([...(event.dataTransfer?.files ?? [])]);
  }

  /** Browsers call every pasted image image.png. */
  #paste(event) {
    const pasted = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    this.#give(pasted.map((file) => new File([file], this.#pastedName(file), { type: file.type })));
  }

  #pastedName({ type }) {
    this.#pasted += 1;
    return `${this.#texts.phrase("pasted_name", { number: this.#pasted })}.${type.replace("image/", "")}`;
  }

  #give(files) {
    if (files.length > 0) this.#delegate.filesGiven(files);
  }

  #hover(step) {
    this.#over = Math.max(0, this.#over + step);
    this.#drop.toggleAttribute("data-over", this.#over > 0);
  }

  #listen(target, type, listener) {
    target.addEventListener(type, listener);
    this.#listeners.push(() => target.removeEventListener(type, listener));
  }
}
