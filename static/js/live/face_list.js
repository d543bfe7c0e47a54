const UNNAMED = "uncertain"; // replaces the label of an uncertain result, so that no label's color is shown

/** A row for each visible face, or one for the complete frame; one is selected. delegate: faceChosen(id). */
export class FaceList {
  #delegate;
  #list;
  #empty;
  #wording;
  #rows = new Map(); // id -> row
  #clicked = (event) => this.#choose(event);

  constructor(delegate, { list, empty, wording }) {
    this.#delegate = delegate;
    this.#list = list;
    this.#empty = empty;
    this.#wording = wording;
  }

  start() {
    this.#list.addEventListener("click", this.#clicked);
  }

  stop() {
    this.#list.removeEventListener("click", this.#clicked);
  }

  show(faces, chosenId) {
    this.#removeAllBut(new Set(faces.map((face) => face.id)));
    for (const face of faces) this.#row(face.id).update(face, face.id === chosenId);
    this.#empty.hidden = faces.length > 0;
  }

  clear() {
    this.show([], null);
  }

  #row(id) {
    if (!this.#rows.has(id)) {
      const row = new FaceRow(id, this.#wording);
      this.#rows.set(id, row);
      this.#list.append(row.element);
    }
    return this.#rows.get(id);
  }

  #removeAllBut(ids) {
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
  }

  #choose(event) {
    const row = event.target.closest("[data-face-id]");
    if (row) this.#delegate.faceChosen(Number(row.dataset.faceId));
  }
}

class FaceRow {
  element = document.createElement("li");

  #wording;
  #button = document.createElement("button");
  #label = span("face-row__label");
  #share = span("face-row__share numbers");

  constructor(id, wording) {
    this.#wording = wording;
    this.element.className = "face-row";
    this.element.dataset.testid = "face-row";
    this.element.dataset.faceId = String(id);
    this.#button.type = "button";
    const name = span("face-row__name");
    name.textContent = wording.name(id);
    this.#button.append(span("swatch"), name, this.#label, this.#share);
    this.element.append(this.#button);
  }

  update(face, chosen) {
    const { named, words, share } = this.#wording.answer(face);
    const uncertain = String(named === null);
    if (this.element.dataset.label !== (named ?? UNNAMED)) this.element.dataset.label = named ?? UNNAMED;
    if (this.element.dataset.uncertain !== uncertain) this.element.dataset.uncertain = uncertain;
    setText(this.#label, words);
    setText(this.#share, share);
    if (this.#button.ariaPressed !== String(chosen)) this.#button.ariaPressed = String(chosen);
  }
}

function span(className) {
  const element = document.createElement("span");
  element.className = className;
  return element;
}

/** Updates the page only when the text changes: results arrive 25 times a second. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
