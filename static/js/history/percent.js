/** Writes a fraction as the pages do. */
export function percent(fraction) {
  return `${Math.round(100 * fraction)}%`;
}
