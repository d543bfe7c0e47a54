import { annotatedBlob } from "./annotated_image.js";
import { tableOf } from "./table.js";
import { zipParts } from "./zip_archive.js";

/** Builds the files that a visitor downloads, in the browser: the server keeps no images. */
export class Downloads {
  #source;
  #root;
  #listeners = [];

  /** source: {images, chosen, marksOf(image), thresholdOf(options), style}. root holds [data-download]. */
  constructor(source, root) {
    this.#source = source;
    this.#root = root;
  }

  start() {
    for (const button of this.#root.querySelectorAll("[data-download]")) {
      const pressed = () => this.#make(button);
      button.addEventListener("click", pressed);
      this.#listeners.push(() => button.removeEventListener("click", pressed));
    }
  }

  stop() {
    for (const remove of this.#listeners) remove();
    this.#listeners = [];
  }

  async #make(button) {
    button.disabled = true;
    try {
      const [name, blob] = await this.#file(button.dataset.download);
      save(blob, name);
    } finally {
      button.disabled = false;
    }
  }

  async #file(kind) {
    const { chosen, images } = this.#source;
    if (kind === "picture") return [annotatedName(chosen.name), await this.#annotated(chosen)];
    if (kind === "json") return [`${stem(chosen.name)}.json`, json(answerOf(chosen))];
    if (kind === "all-json") return ["pictures.json", json(images.map(answerOf))];
    if (kind === "csv") return ["pictures.csv", csv(images, this.#source)];
    return ["pictures.zip", await this.#zip(images)];
  }

  /** Decodes one image at a time, to limit the memory in use. */
  async #zip(images) {
    const entries = [
      { name: "pictures.csv", bytes: await bytesOf(csv(images, this.#source)) },
      { name: "pictures.json", bytes: await bytesOf(json(images.map(answerOf))) },
    ];
    for (const image of images.filter(({ answer }) => answer)) {
      const blob = await this.#annotated(image).catch(() => null); // an image that this browser cannot show
      if (blob) entries.push({ name: annotatedName(image.name), bytes: await bytesOf(blob) });
    }
    return new Blob(zipParts(entries), { type: "application/zip" });
  }

  #annotated(image) {
    return annotatedBlob({ file: image.file, marks: this.#source.marksOf(image), style: this.#source.style });
  }
}

/** The server's answer or its error, as `predict` prints it. */
function answerOf({ name, answer, error }) {
  return answer ?? { file: name, error: error?.message ?? error?.code ?? null };
}

function json(value) {
  return new Blob([JSON.stringify(value, null, 2), "\n"], { type: "application/json" });
}

/** The byte order mark makes spreadsheets read it as UTF-8. */
function csv(images, source) {
  return new Blob(["\ufeff", tableOf(images, (options) => source.thresholdOf(options))], { type: "text/csv" });
}

async function bytesOf(blob) {
  return new Uint8Array(await blob.arrayBuffer());
}

function stem(name) {
  return name.replace(/\.[^.]*$/, "") || name;
}

function annotatedName(name) {
  return `${stem(name)}-annotated.jpg`;
}

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10 * 1000); // some browsers start to read late
}
