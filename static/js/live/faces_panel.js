import { Announcer } from "./announcer.js";
import { ExpressionChart } from "./expression_chart.js";
import { ExpressionHistory } from "./expression_history.js";
import { FaceChoice } from "./face_choice.js";
import { FaceList } from "./face_list.js";
import { ProbabilityBars } from "./probability_bars.js";

/** The results in words and numbers, for faces or the complete frame: rows, bars, chart, screen reader text. */
export class FacesPanel {
  #clock;
  #wording;
  #choice;
  #list;
  #bars;
  #chart;
  #announcer;
  #barsTitle;
  #chartTitle;
  #closest;
  #history = new ExpressionHistory();
  #faces = [];
  #session = null;

  /** root holds [data-face-list], [data-face-empty], [data-bars], [data-chart], [data-announcer], [data-bars-title], [data-chart-title], [data-closest]. */
  constructor(root, { texts, clock, wording }) {
    const find = (selector) => root.querySelector(selector);
    this.#clock = clock;
    this.#wording = wording;
    this.#choice = new FaceChoice(clock);
    this.#list = new FaceList(this, { list: find("[data-face-list]"), empty: find("[data-face-empty]"), wording });
    this.#bars = new ProbabilityBars(find("[data-bars]"), texts);
    this.#chart = new ExpressionChart(find("[data-chart]"), { texts, clock });
    this.#announcer = new Announcer(find("[data-announcer]"), { texts, clock, wording });
    this.#barsTitle = find("[data-bars-title]");
    this.#chartTitle = find("[data-chart-title]");
    this.#closest = find("[data-closest]");
  }

  get chosenId() {
    return this.#choice.id;
  }

  start(labels) {
    this.#list.start();
    this.#chart.start();
    this.useLabels(labels);
  }

  stop() {
    this.#list.stop();
    this.#chart.stop();
  }

  /** Another session restarts the face numbers, and other labels start a new chart; a resumed session continues. */
  useSession(session, labels) {
    const sameLabels = labels.join() === this.#history.labels.join();
    if (session !== this.#session) this.#forget();
    if (session !== this.#session || !sameLabels) this.useLabels(labels);
    this.#session = session;
  }

  useLabels(labels) {
    this.#history = new ExpressionHistory(labels);
    this.#bars.useLabels(labels);
    this.#chart.useLabels(labels);
    this.#renderTitles();
  }

  show(faces) {
    this.#faces = faces;
    const now = this.#clock.now() / 1000;
    this.#history.resultSeen(now);
    for (const face of faces) this.#history.add(face.id, now, face.probabilities);
    this.#render();
    this.#announcer.facesSeen(faces);
  }

  faceChosen(id) {
    this.#choice.choose(id);
    this.#render();
  }

  /** Shows no faces; the chart keeps its lines. */
  clear() {
    this.#faces = [];
    this.#list.clear();
    this.#bars.clear();
    this.#showClosest("");
    this.#barsTitle.textContent = "";
    this.#announcer.clear();
  }

  #forget() {
    this.#choice.reset();
    this.clear();
  }

  #render() {
    const chosen = this.#choice.among(this.#faces);
    this.#list.show(this.#faces, this.#choice.id);
    if (chosen) this.#bars.show(chosen.probabilities, this.#wording.answer(chosen).named);
    else this.#bars.clear();
    this.#showClosest(chosen ? this.#wording.closest(chosen) : "");
    this.#chart.draw(this.#history, this.#choice.id);
    this.#renderTitles();
  }

  #showClosest(words) {
    this.#bars.uncertain = words !== "";
    if (this.#closest.textContent !== words) this.#closest.textContent = words;
  }

  #renderTitles() {
    const id = this.#choice.id;
    const words = id === null ? "" : this.#wording.name(id);
    for (const title of [this.#barsTitle, this.#chartTitle]) {
      if (title.textContent !== words) title.textContent = words;
    }
  }
}
