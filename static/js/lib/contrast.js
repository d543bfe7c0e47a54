const BLACK = "#000000";
const WHITE = "#ffffff";

/** The contrast of two colors "#rgb" or "#rrggbb", 1 to 21 (WCAG 2.2, relative luminance). */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Black or white, whichever has more contrast on a color: at least 4.58 for any color. */
export function inkOn(colour) {
  return contrast(BLACK, colour) > contrast(WHITE, colour) ? BLACK : WHITE;
}

function luminance(colour) {
  const digits = colour.length === 4 ? colour.slice(1).replace(/./g, "$&$&") : colour.slice(1);
  const [red, green, blue] = [0, 2, 4].map((at) => linear(parseInt(digits.slice(at, at + 2), 16) / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(share) {
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
