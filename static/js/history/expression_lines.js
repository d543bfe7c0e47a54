// Lines of one color family also differ by their dashes: color is never the only mark.
const DASHES = { disgust: [8, 4], fear: [2, 4], surprise: [10, 4, 2, 4], contempt: [4, 4] };

/** Each label's probability over time. */
export const expressionLines = {
  height: 240,

  columns: (timeline) => timeline.columns,

  series: (colour, timeline) =>
    timeline.labels.map((label) => ({
      label,
      stroke: colour(`--expression-${label}`) || colour("--ink-soft"),
      width: 1.75,
      dash: DASHES[label],
      points: { show: timeline.columns[0].length < 3 },
    })),
};
