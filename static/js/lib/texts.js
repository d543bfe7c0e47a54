/** A page's texts from the `script_texts` of its app, and numbers in the same language. */
export class Texts {
  #texts;
  #plural;
  #number;
  #percent;

  constructor(texts, language) {
    this.#texts = texts;
    this.#plural = new Intl.PluralRules(language);
    this.#number = [0, 1].map((decimals) => new Intl.NumberFormat(language, { maximumFractionDigits: decimals }));
    this.#percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  }

  phrase(name, values = {}) {
    return fill(this.#texts.phrases[name], values);
  }

  plural(name, count) {
    const forms = this.#texts.plurals[name];
    return fill(forms[this.#plural.select(count)] ?? forms.other, { count: this.number(count) });
  }

  /** {title, text} of a notice. */
  notice(code) {
    return this.#texts.notices[code];
  }

  /** A label in the visitor's language; a label without a translation is shown as it is. */
  label(label) {
    return this.#texts.labels[label] ?? label.replaceAll("_", " ");
  }

  labelSet(name) {
    return this.#texts.label_sets[name] ?? name;
  }

  /** A task as recognition/models/tasks.py describes it; null and unknown names get the defaults of a face task. */
  task(name) {
    return this.#texts.tasks[name] ?? { name, title: name, frame_level: false, uncertain: this.phrase("uncertain") };
  }

  number(value, decimals = 0) {
    return this.#number[decimals].format(value);
  }

  percent(fraction) {
    return this.#percent.format(fraction);
  }
}

/** A text with its `{name}`s filled in. */
export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
