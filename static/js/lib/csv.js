// CSV files whose text no spreadsheet program reads as a formula; emoweb/spreadsheets.py is the twin.

// Programs skip different things before the sign: control and format characters, spaces, quotes.
const FORMULA = /^[\p{Cc} \xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"'`\xab\xb4\xbb\u2018-\u201f\u2039\u203a\uff02\uff07]*[\t\r\n=+\-@\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]/u;
const NUMBER = /^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

/** Returns rows as CSV; text that looks like a formula gets an apostrophe prefix, see `cell`. */
export function csvText(rows) {
  return rows.map((row) => `${row.map((value) => quoted(cell(value))).join(",")}\r\n`).join("");
}

/** Returns a value's text; text that looks like a formula gets an apostrophe prefix, a number does not. */
export function cell(value) {
  return typeof value === "string" && FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
}

// A program that separates columns by semicolons or tabs must not start a cell inside a text.
function quoted(value) {
  const text = String(value);
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
