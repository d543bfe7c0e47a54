// The page's JSON, as the columns that uPlot draws: seconds, then one column a label.

/** Reads an element's JSON; null where the page has no such element. */
export function readJson(root, id) {
  const element = root.getElementById(id);
  return element ? JSON.parse(element.textContent) : null;
}

/** Returns a Map from the face's key to its Timeline, or its {sure: null} form for a brief face. */
export function timelinesOf(data) {
  if (!data) return new Map();
  const shared = { step: data.step, end: data.end, below: data.below, labels: data.labels };
  return new Map([
    ...Object.entries(data.faces).map(([face, curve]) => [face, timelineOf(curve, shared)]),
    ...Object.entries(data.brief ?? {}).map(([face, curve]) => [face, timelineOf(curve, shared)]),
  ]);
}

/** An interval's value is drawn in its middle; null without the face, so that the line breaks there. */
export function columnsOf({ start, rows }, labels, step) {
  const seconds = rows.map((_, index) => (start + index + 0.5) * step);
  return [seconds, ...labels.map((_, label) => rows.map((row) => (row ? row[label] : null)))];
}

function timelineOf(curve, shared) {
  const labels = curve.labels ?? shared.labels;
  const columns = columnsOf(curve, labels, shared.step);
  return {
    labels,
    step: shared.step,
    end: shared.end,
    below: curve.below ?? shared.below,
    first: curve.start,
    rows: curve.rows,
    columns,
    sure: curve.sure ? [columns[0], curve.sure] : null,
  };
}

/** A face's result at a second: {label, share, unsure, needed, from, to}; null without the face. Pure. */
export function readingAt(timeline, second) {
  const number = Math.floor(second / timeline.step);
  const row = timeline.rows[number - timeline.first];
  if (!row) return null;

  const best = row.indexOf(Math.max(...row));
  return {
    label: timeline.labels[best],
    share: row[best],
    unsure: row[best] < timeline.below,
    needed: timeline.below,
    from: number * timeline.step,
    to: Math.min((number + 1) * timeline.step, Math.max(timeline.end, number * timeline.step + 1)),
  };
}
