const NAMED = "meter--named";

/** All probabilities of the chosen face, one bar a label. */
export class ProbabilityBars {
  #list;
  #texts;
  #bars = [];

  constructor(list, texts) {
    this.#list = list;
    this.#texts = texts;
  }

  useLabels(labels) {
    this.#bars = labels.map((label) => makeBar(label, this.#texts.label(label)));
    this.#list.replaceChildren(...this.#bars.map((bar) => bar.item));
    this.clear();
  }

  /** In the order of the labels; `named` is the label that is named, null where none is. */
  show(probabilities, named) {
    this.#bars.forEach((bar, index) => this.#set(bar, probabilities[index] ?? 0, named));
  }

  /** Bars of a result that is none of the labels are gray. */
  set uncertain(uncertain) {
    this.#list.dataset.uncertain = String(uncertain);
  }

  clear() {
    this.uncertain = false;
    for (const bar of this.#bars) {
      bar.item.classList.remove(NAMED);
      bar.fill.style.transform = "scaleX(0)";
      bar.value.textContent = "–";
    }
  }

  #set({ item, fill, value }, probability, named) {
    const text = this.#texts.percent(probability);
    item.classList.toggle(NAMED, item.dataset.label === named);
    fill.style.transform = `scaleX(${probability.toFixed(3)})`;
    if (value.textContent !== text) value.textContent = text;
  }
}

function makeBar(label, words) {
  const item = element("li", "meter");
  item.dataset.label = label;
  const name = element("span", "meter__name");
  name.textContent = words;
  const track = element("span", "meter__track");
  const fill = element("span", "meter__fill");
  const value = element("span", "meter__value");
  track.append(fill);
  item.append(name, track, value);
  return { item, fill, value };
}

function element(tag, className) {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}
