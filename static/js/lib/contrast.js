const BLACK = "#000000";
const WHITE = "#ffffff";

/** The contrast of two colors "#rgb" or "#rrggbb", 1 to 21 (WCAG 2.2, relative luminance). */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Black or white, whichever has more contrast on a color: at least 4.58 for any color. */
export function inkOn(color) {
  return contrast(BLACK, color) > contrast(WHITE, color) ? BLACK : WHITE;
}

function luminance(color) {
  const digits = color.length === 4 ? color.slice(1).replace(/./g, "$&$&") : color.slice(1);
  const [red, green, blue] = [0, 2, 4].map((at) => linear(parseInt(digits.slice(at, at + 2), 16) / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(share) {
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
