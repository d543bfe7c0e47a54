export const WINDOW_S = 60;
const BIN_S = 0.25; // four points a second: what an eye can follow
const GAP_S = 1.5; // a face absent for longer leaves a gap in its line
const LONG_GAP_S = 8; // without results for longer its expression is unknown; with a slow connection results are seconds apart

/** The last minute of each face's probabilities, averaged in short bins. */
export class ExpressionHistory {
  #faces = new Map(); // id -> {times, columns, bin, count}
  #labels;
  #resultAt = -Infinity;
  #resultBefore = -Infinity;

  constructor(labels = []) {
    this.#labels = labels;
  }

  get labels() {
    return this.#labels;
  }

  /** Records a result, with or without faces; its faces are added after this, at the same time. */
  resultSeen(atS) {
    [this.#resultBefore, this.#resultAt] = [this.#resultAt, atS];
  }

  /** probabilities in the order of the labels; atS rises. */
  add(id, atS, probabilities) {
    const face = this.#face(id);
    const bin = Math.floor(atS / BIN_S);
    if (bin === face.bin) this.#average(face, probabilities);
    else this.#append(face, bin, atS, probabilities);
    face.seenAt = atS;
    this.#prune(atS);
  }

  /** uPlot's columns, [seconds before now (negative), one column a label]; null in a column is a gap. */
  columns(id, nowS) {
    const face = this.#faces.get(id);
    if (!face) return [[], ...this.#labels.map(() => [])];
    return [face.times.map((time) => time - nowS), ...face.columns];
  }

  /** Mean of each label over the window, in the order of the labels; empty when the face is unknown. */
  means(id) {
    const face = this.#faces.get(id);
    return face ? face.columns.map(mean) : [];
  }

  #face(id) {
    if (!this.#faces.has(id)) {
      this.#faces.set(id, { times: [], columns: this.#labels.map(() => []), bin: null, count: 0, seenAt: -Infinity });
    }
    return this.#faces.get(id);
  }

  #append(face, bin, atS, probabilities) {
    const last = face.times.at(-1);
    const away = face.seenAt < this.#resultBefore;
    if (last !== undefined && atS - last > (away ? GAP_S : LONG_GAP_S)) pushRow(face, last + BIN_S, null);
    pushRow(face, atS, probabilities);
    face.bin = bin;
    face.count = 1;
  }

  #average(face, probabilities) {
    const row = face.times.length - 1;
    face.count += 1;
    face.columns.forEach((column, label) => {
      column[row] += (probabilities[label] - column[row]) / face.count;
    });
  }

  #prune(nowS) {
    for (const [id, face] of this.#faces) {
      const old = countBefore(face.times, nowS - WINDOW_S);
      if (old === face.times.length) this.#faces.delete(id);
      else if (old > 0) [face.times, ...face.columns].forEach((column) => column.splice(0, old));
    }
  }
}

function pushRow(face, time, probabilities) {
  face.times.push(time);
  face.columns.forEach((column, label) => column.push(probabilities ? probabilities[label] : null));
}

function countBefore(times, time) {
  const first = times.findIndex((value) => value >= time);
  return first === -1 ? times.length : first;
}

function mean(column) {
  const values = column.filter((value) => value !== null);
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}
