/**
 * The part of an axis' options that all charts share. `color` returns a custom property's value.
 * The labels are in the full ink: of thin glyphs most pixels are half covered, and soft ink there is under 4.5:1.
 */
export function axisStyle(color) {
  return { stroke: color("--ink"), font: `12px ${color("--font")}`, grid: { stroke: color("--line"), width: 1 }, ticks: { show: false } };
}
