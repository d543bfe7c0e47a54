import { csvText } from "../lib/csv.js";

const COLUMNS = ["file", "width", "height", "model", "face", "x", "y", "w", "h", "score", "label", "confidence", "error"];

const LAST_COLUMNS = ["uncertain", "uncertain_below"];

/**
 * Answers as CSV: a row a face, or a row a picture; after the fixed columns one column a label, then whether the answer
 * is uncertain. `threshold(options)` returns that confidence.
 */
export function tableOf(pictures, threshold) {
  const labels = [...new Set(pictures.flatMap(({ answer }) => foundIn(answer).flatMap(({ probabilities }) => Object.keys(probabilities))))];
  const columns = [...COLUMNS, ...labels, ...LAST_COLUMNS];
  const rows = pictures.flatMap((picture) => rowsOf(picture, threshold).map((row) => columns.map((column) => row[column] ?? "")));
  return csvText([columns, ...rows]);
}

function rowsOf({ name, answer, error, options }, threshold) {
  const file = { file: name, model: options.model };
  if (!answer) return [{ ...file, error: error?.code ?? "" }];

  const size = { ...file, width: answer.width, height: answer.height };
  const found = foundIn(answer);
  if (found.length === 0) return [size];
  const below = threshold(options);
  return found.map((one, index) => ({
    ...one.probabilities,
    ...size,
    ...(one.box ? boxColumns(one, index) : {}),
    label: one.label,
    confidence: one.confidence,
    uncertain: one.uncertain ?? one.confidence < below,
    uncertain_below: below,
  }));
}

function foundIn(answer) {
  if (!answer) return [];
  return answer.picture ? [answer.picture] : answer.faces;
}

function boxColumns({ box: [x, y, w, h], score }, index) {
  return { face: index + 1, x, y, w, h, score };
}
