import { paintThumbnail } from "./thumbnail.js";

/** One row a picture, with its state and progress. delegate: pictureChosen(id), removeAsked(id). */
export class PictureList {
  #delegate;
  #list;
  #texts;
  #words;
  #rows = new Map();
  #thumbnails = Promise.resolve();

  /** words(picture) says what a finished picture shows. */
  constructor(delegate, list, { texts, words }) {
    this.#delegate = delegate;
    this.#list = list;
    this.#texts = texts;
    this.#words = words;
  }

  show(picture, chosenId) {
    const row = this.#rows.get(picture.id) ?? this.#add(picture);
    const { state, progress } = picture;
    row.item.dataset.state = state;
    row.state.textContent = this.#stateWords(picture);
    if (state === "analysing") row.progress.removeAttribute("value");
    else row.progress.value = progress;
    row.choose.ariaPressed = String(picture.id === chosenId);
  }

  choose(chosenId) {
    for (const [id, { choose }] of this.#rows) choose.ariaPressed = String(id === chosenId);
  }

  /** Takes away the rows of pictures that are not there any more; keeps the keyboard's place in the list. */
  keep(ids) {
    for (const [id, { item }] of this.#rows) {
      if (ids.includes(id)) continue;
      const held = item.contains(document.activeElement);
      const neighbour = item.nextElementSibling ?? item.previousElementSibling;
      item.remove();
      this.#rows.delete(id);
      if (held) neighbour?.querySelector("button")?.focus();
    }
  }

  #add(picture) {
    const item = element("li", "picture");
    const choose = element("button", "picture__choose", { type: "button" });
    const thumbnail = element("canvas", "picture__thumbnail", { ariaHidden: "true" });
    const words = element("span", "picture__words");
    const name = element("span", "picture__name", { textContent: picture.name });
    const state = element("span", "picture__state");
    const progress = element("progress", "", { max: 1, ariaLabel: picture.name });
    const remove = element("button", "button button--bare", { type: "button", textContent: "×" });
    remove.ariaLabel = this.#texts.phrase("remove", { name: picture.name });
    item.dataset.testid = "photo-picture";
    words.append(name, state);
    choose.append(thumbnail, words);
    item.append(choose, remove, progress);
    choose.addEventListener("click", () => this.#delegate.pictureChosen(picture.id));
    remove.addEventListener("click", () => this.#delegate.removeAsked(picture.id));
    this.#list.append(item);
    // One after the other: each holds a whole decoded picture for a moment.
    this.#thumbnails = this.#thumbnails.then(() => paintThumbnail(thumbnail, picture.file));
    const row = { item, choose, state, progress };
    this.#rows.set(picture.id, row);
    return row;
  }

  #stateWords(picture) {
    const { state, progress, error } = picture;
    if (state === "done") return this.#words(picture);
    if (state === "failed") return error.message ?? this.#texts.phrase(`refused_${error.code}`);
    return this.#texts.phrase(state, { percent: this.#texts.percent(progress) });
  }
}

function element(tag, className, properties = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  return Object.assign(made, properties);
}
