/** One <select> that remembers. delegate: picked(name, value). */
export class Picker {
  #delegate;
  #select;
  #name;
  #preferences;
  #changed = () => this.#picked();

  constructor(delegate, select, name, preferences) {
    this.#delegate = delegate;
    this.#select = select;
    this.#name = name;
    this.#preferences = preferences;
  }

  start() {
    this.#select.addEventListener("change", this.#changed);
    const remembered = this.remembered;
    if (remembered !== null && this.#has(remembered)) this.#select.value = remembered;
  }

  stop() {
    this.#select.removeEventListener("change", this.#changed);
  }

  set value(value) {
    if (this.#has(value)) this.#select.value = value;
  }

  get value() {
    return this.#select.value;
  }

  /** What the visitor chose in this or an earlier visit, or null. */
  get remembered() {
    return this.#preferences.get(this.#name);
  }

  forget() {
    this.#preferences.remove(this.#name);
  }

  /** options: [{value, text, group?}], grouped ones adjacent; with one or none there is nothing to pick. */
  show(options, value) {
    this.#select.replaceChildren(...grouped(options));
    if (this.#has(value)) this.#select.value = value;
    this.#select.disabled = options.length < 2;
  }

  #has(value) {
    return [...this.#select.options].some((option) => option.value === value);
  }

  #picked() {
    this.#preferences.set(this.#name, this.value);
    this.#delegate.picked(this.#name, this.value);
  }
}

function grouped(options) {
  const groups = new Map();
  const children = [];
  for (const { value, text, group } of options) {
    const option = new Option(text, value);
    if (group === undefined) children.push(option);
    else groupNamed(group, groups, children).append(option);
  }
  return children;
}

function groupNamed(name, groups, children) {
  if (!groups.has(name)) {
    const group = document.createElement("optgroup");
    group.label = name;
    groups.set(name, group);
    children.push(group);
  }
  return groups.get(name);
}
