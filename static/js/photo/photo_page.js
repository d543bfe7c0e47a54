import { Texts } from "../lib/texts.js";
import { requestAnalysis } from "./analysis_request.js";
import { AnswerWords } from "./answer_words.js";
import { Downloads } from "./downloads.js";
import { PictureIntake } from "./picture_intake.js";
import { PictureList } from "./picture_list.js";
import { PictureQueue } from "./picture_queue.js";
import { ResultView } from "./result_view.js";
import { Snapshot } from "./snapshot.js";
import { OptionsPicker } from "./options_picker.js";

/** The page `/photo/`: puts the parts together and carries news between them. */
export class PhotoPage {
  #root;
  #texts;
  #token;
  #picker;
  #intake;
  #snapshot;
  #queue;
  #list;
  #result;
  #downloads;
  #words;
  #chosenId = null;
  #cleared = () => this.#queue.clear();

  constructor(root, { preferences }) {
    const find = (selector) => root.querySelector(selector);
    const site = read("photo-site");
    this.#root = root;
    this.#texts = new Texts(read("photo-texts"), document.documentElement.lang);
    this.#token = find("[name=csrfmiddlewaretoken]").value;
    const words = new AnswerWords(this.#texts, site.models);
    this.#words = words;
    this.#picker = new OptionsPicker(this, find("[data-choice]"), { texts: this.#texts, models: site.models, preferences });
    this.#intake = new PictureIntake(this, find("[data-intake]"), this.#texts);
    this.#snapshot = new Snapshot(this, find("[data-intake]"), this.#texts);
    this.#queue = new PictureQueue(this, { send: (image, request) => this.#send(image, request), maxBytes: site.max_bytes });
    this.#list = new PictureList(this, find("[data-pictures]"), { texts: this.#texts, words: (picture) => words.summary(picture) });
    this.#result = new ResultView(find("[data-result]"), { texts: this.#texts, words, places: site.places });
    this.#downloads = new Downloads(this, root);
  }

  start() {
    for (const part of [this.#picker, this.#intake, this.#snapshot, this.#downloads]) part.start();
    this.#find("[data-clear]").addEventListener("click", this.#cleared);
  }

  stop() {
    for (const part of [this.#picker, this.#intake, this.#snapshot, this.#downloads]) part.stop();
    this.#find("[data-clear]").removeEventListener("click", this.#cleared);
    this.#queue.clear();
  }

  // what the visitor does

  filesGiven(files) {
    this.troubled(null);
    this.#choose(null); // the first of these that is done is shown
    this.#queue.add(files, this.#picker.options);
  }

  optionsChanged(options) {
    this.#queue.restart(options);
  }

  pictureChosen(id) {
    this.#choose(id);
  }

  removeAsked(id) {
    this.#queue.remove(id);
  }

  troubled(phrase) {
    this.#find("[data-trouble]").textContent = phrase ? this.#texts.phrase(phrase) : "";
  }

  // the queue's delegate

  pictureChanged(picture) {
    this.#list.show(picture, this.#chosenId);
    const first = this.#chosenId === null && picture.state === "done";
    if (first || picture.id === this.#chosenId) this.#choose(picture.id);
  }

  queueChanged() {
    const { pictures } = this.#queue;
    this.#list.keep(pictures.map(({ id }) => id));
    if (this.#chosenId !== null && !this.#queue.find(this.#chosenId)) this.#choose(pictures.find(({ state }) => state === "done")?.id ?? null);
    const left = this.#queue.count("waiting", "sending", "analysing");
    const done = this.#queue.count("done");
    const failed = this.#queue.count("failed");
    Object.assign(this.#root.dataset, { state: pictures.length === 0 ? "empty" : left > 0 ? "busy" : "ready", done: String(done), failed: String(failed) });
    this.#find("[data-pictures-part]").hidden = pictures.length === 0;
    const counted = [["left", left], ["done", done], ["failed", failed]].filter(([, count]) => count > 0);
    this.#find("[data-tally]").textContent = counted.map(([name, count]) => this.#texts.plural(name, count)).join(", ");
  }

  // what the downloads ask for

  get pictures() {
    return this.#queue.pictures;
  }

  get chosen() {
    return this.#result.picture;
  }

  get style() {
    return this.#result.style;
  }

  thresholdOf(options) {
    return this.#words.threshold(options);
  }

  marksOf(picture) {
    return this.#result.marksOf(picture);
  }

  #choose(id) {
    const picture = this.#queue.find(id);
    this.#chosenId = id;
    this.#list.choose(id);
    this.#result.show(picture?.state === "done" ? picture : null);
  }

  #send({ file, name, options }, request) {
    const query = new URLSearchParams({ name });
    for (const [key, value] of Object.entries(options)) if (value) query.set(key, value);
    return requestAnalysis(file, { url: `${this.#root.dataset.analyse}?${query}`, token: this.#token, ...request });
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }
}

function read(id) {
  return JSON.parse(document.getElementById(id).textContent);
}
