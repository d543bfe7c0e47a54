// The page's JSON, as the columns that uPlot draws: seconds, then one column a label.

/** Gives a Map from the face's number (as text) to {labels, end, columns}; empty without data. */
export function readTimelines(root) {
  const element = root.getElementById("timeline-data");
  if (!element) return new Map();
  const { step, end, labels, faces } = JSON.parse(element.textContent);
  return new Map(
    Object.entries(faces).map(([face, curve]) => [face, { labels, end, columns: columnsOf(curve, labels, step) }]),
  );
}

/** A step's value stands in its middle; null where the face was away, so that the line breaks there. */
export function columnsOf({ start, rows }, labels, step) {
  const seconds = rows.map((_, index) => (start + index + 0.5) * step);
  return [seconds, ...labels.map((_, label) => rows.map((row) => (row ? row[label] : null)))];
}
