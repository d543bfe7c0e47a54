// Starts what the history's pages hold: local times, the choice of two sessions, and the viewer.
import { CompareChoice } from "./compare_choice.js";
import { SessionViewer } from "./session_viewer.js";
import { ViewerMemory } from "./viewer_memory.js";
import { readJson } from "./timeline_data.js";
import { showLocalTimes } from "./local_times.js";
import { watchTheme } from "./theme_watch.js";

showLocalTimes(document);

const compareForm = document.querySelector("[data-compare]");
if (compareForm) {
  const boxes = [...document.querySelectorAll(`[form="${compareForm.id}"]`)];
  new CompareChoice(compareForm.querySelector("button"), boxes).start();
}

const viewerRoot = document.querySelector("[data-viewer]");
const chartData = readJson(document, "timeline-data");
if (viewerRoot && chartData) {
  const viewer = new SessionViewer(viewerRoot, chartData, readJson(document, "marker-data") ?? []);
  viewer.start();
  new ViewerMemory(viewerRoot, viewer).start();
  watchTheme(() => viewer.themeChanged());
}
