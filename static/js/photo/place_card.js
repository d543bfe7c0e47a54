const DIGITS = 4;

/** What the site knows of a place: names, where it is, a few sentences. */
export class PlaceCard {
  #root;
  #texts;
  #places;

  /** places: {label: {name, other_name, where, latitude, longitude, about, map}}. */
  constructor(root, { texts, places }) {
    this.#root = root;
    this.#texts = texts;
    this.#places = places;
  }

  /** Shows the place of that label; hides where the label is none. */
  show(label) {
    const place = label === null ? undefined : this.#places[label];
    this.#root.hidden = place === undefined;
    if (!place) return;

    this.#set("name", place.name);
    this.#set("other", place.other_name === place.name ? "" : place.other_name);
    this.#set("about", place.about);
    this.#set("where", place.where);
    const [latitude, longitude] = [place.latitude.toFixed(DIGITS), place.longitude.toFixed(DIGITS)];
    this.#set("coordinates", this.#texts.phrase("coordinates", { latitude, longitude }));
    this.#root.querySelector("[data-place-map]").href = place.map;
  }

  #set(part, text) {
    this.#root.querySelector(`[data-place-${part}]`).textContent = text;
  }
}
