/** The model's confidence over time, and the threshold below which its results are uncertain. */
export const confidenceLine = {
  height: 96,

  columns: ({ sure: [seconds, confidences], below }) => [seconds, confidences, seconds.map(() => below)],

  series: (colour, { sure: [seconds] }) => [
    { label: "sure", stroke: colour("--accent"), width: 1.75, points: { show: seconds.length < 3 } },
    { label: "below", stroke: colour("--ink-soft"), width: 1, dash: [4, 4], points: { show: false } },
  ],
};
