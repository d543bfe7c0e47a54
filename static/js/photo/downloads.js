import { annotatedBlob } from "./annotated_picture.js";
import { tableOf } from "./table.js";
import { zipParts } from "./zip_archive.js";

/** Makes the files that a visitor takes away, in the browser: the server has forgotten the pictures. */
export class Downloads {
  #source;
  #root;
  #listeners = [];

  /** source: {pictures, chosen, marksOf(picture), thresholdOf(options), style}. root holds [data-download]. */
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
    const { chosen, pictures } = this.#source;
    if (kind === "picture") return [annotatedName(chosen.name), await this.#annotated(chosen)];
    if (kind === "json") return [`${stem(chosen.name)}.json`, json(answerOf(chosen))];
    if (kind === "all-json") return ["pictures.json", json(pictures.map(answerOf))];
    if (kind === "csv") return ["pictures.csv", csv(pictures, this.#source)];
    return ["pictures.zip", await this.#zip(pictures)];
  }

  /** One picture in memory at a time beside those that are finished. */
  async #zip(pictures) {
    const entries = [
      { name: "pictures.csv", bytes: await bytesOf(csv(pictures, this.#source)) },
      { name: "pictures.json", bytes: await bytesOf(json(pictures.map(answerOf))) },
    ];
    for (const picture of pictures.filter(({ answer }) => answer)) {
      const blob = await this.#annotated(picture).catch(() => null); // a picture that this browser cannot show
      if (blob) entries.push({ name: annotatedName(picture.name), bytes: await bytesOf(blob) });
    }
    return new Blob(zipParts(entries), { type: "application/zip" });
  }

  #annotated(picture) {
    return annotatedBlob({ file: picture.file, marks: this.#source.marksOf(picture), style: this.#source.style });
  }
}

/** What the server answered, or why it did not, as `predict` prints it. */
function answerOf({ name, answer, error }) {
  return answer ?? { file: name, error: error?.message ?? error?.code ?? null };
}

function json(value) {
  return new Blob([JSON.stringify(value, null, 2), "\n"], { type: "application/json" });
}

/** The byte order mark declares UTF-8 to spreadsheets. */
function csv(pictures, source) {
  return new Blob(["\ufeff", tableOf(pictures, (options) => source.thresholdOf(options))], { type: "text/csv" });
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
  setTimeout(() => URL.revokeObjectURL(url), 10 * 1000); // some browsers begin to read late
}
