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
