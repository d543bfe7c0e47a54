import { fill } from "./texts.js";

const SMALLEST_STEP = 0.01; // what a percentage without decimals can show

/**
 * "Closest match: Ha Long Bay, 84% (at least 90% needed)": how every page names a result below its model's
 * threshold, whose label is none that the model knows. `label` is a name in the visitor's language.
 */
export function closestMatch(template, { label, confidence, needed }, percent) {
  // 89.6% must not read as the 90% that it lacks.
  const shown = Math.max(0, Math.min(confidence, needed - SMALLEST_STEP));
  return fill(template, { label, confidence: percent(shown), needed: percent(needed) });
}
