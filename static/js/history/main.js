// Starts what the history's pages hold: local times, and a timeline for each face.
import { showLocalTimes } from "./local_times.js";
import { TimelineChart } from "./timeline_chart.js";
import { readTimelines } from "./timeline_data.js";
import { watchTheme } from "./theme_watch.js";

showLocalTimes(document);

const timelines = readTimelines(document);
const charts = [...document.querySelectorAll("[data-timeline]")]
  .filter((root) => timelines.has(root.dataset.timeline))
  .map((root) => new TimelineChart(root, timelines.get(root.dataset.timeline)));
charts.forEach((chart) => chart.start());
watchTheme(() => charts.forEach((chart) => chart.restart()));
