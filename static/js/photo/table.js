import { csvText } from "../lib/csv.js";

const COLUMNS = ["file", "width", "height", "model", "face", "x", "y", "w", "h", "score", "label", "confidence", "error"];

/** Answers as CSV: a row a face, or a row a picture; after the fixed columns one column a label. */
export function tableOf(pictures) {
  const labels = [...new Set(pictures.flatMap(({ answer }) => foundIn(answer).flatMap(({ probabilities }) => Object.keys(probabilities))))];
  const rows = pictures.flatMap((picture) => rowsOf(picture).map((row) => [...COLUMNS, ...labels].map((column) => row[column] ?? "")));
  return csvText([[...COLUMNS, ...labels], ...rows]);
}

function rowsOf({ name, answer, error, wish }) {
  const file = { file: name, model: wish.model };
  if (!answer) return [{ ...file, error: error?.code ?? "" }];

  const size = { ...file, width: answer.width, height: answer.height };
  const found = foundIn(answer);
  if (found.length === 0) return [size];
  return found.map((one, index) => ({ ...one.probabilities, ...size, ...(one.box ? boxColumns(one, index) : {}), label: one.label, confidence: one.confidence }));
}

function foundIn(answer) {
  if (!answer) return [];
  return answer.picture ? [answer.picture] : answer.faces;
}

function boxColumns({ box: [x, y, w, h], score }, index) {
  return { face: index + 1, x, y, w, h, score };
}
