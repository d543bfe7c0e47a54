// Starts what the history's pages hold: local times, the choice of two sessions, and the viewer.
import { CompareChoice } from "./compare_choice.js";
import { SessionViewer } from "./session_viewer.js";
import { ViewerMemory } from "./viewer_memory.js";
import { readJson } from "./timeline_data.js";
import { showLocalTimes } from "./formats.js";

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

// Reports changes of the theme, by the switch or by the system: a canvas does not follow by itself.
function watchTheme(themeChanged) {
  new MutationObserver(themeChanged).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themeChanged);
}
