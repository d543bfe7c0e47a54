// Lines of one color family also differ by their dashes: color is never the only mark.
const DASHES = { disgust: [8, 4], fear: [2, 4], surprise: [10, 4, 2, 4], contempt: [4, 4] };

/** Each label's probability over time. */
export const expressionLines = {
  height: 240,

  columns: (timeline) => timeline.columns,

  series: (color, timeline) =>
    timeline.labels.map((label) => ({
      label,
      stroke: color(`--expression-${label}`) || color("--ink-soft"),
      width: 1.75,
      dash: DASHES[label],
      points: { show: timeline.columns[0].length < 3 },
    })),
};

/** The model's confidence over time, and the threshold below which its results are uncertain. */
export const confidenceLine = {
  height: 96,

  columns: ({ sure: [seconds, confidences], below }) => [seconds, confidences, seconds.map(() => below)],

  series: (color, { sure: [seconds] }) => [
    { label: "sure", stroke: color("--accent"), width: 1.75, points: { show: seconds.length < 3 } },
    { label: "below", stroke: color("--ink-soft"), width: 1, dash: [4, 4], points: { show: false } },
  ],
};
