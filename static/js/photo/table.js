const COLUMNS = ["file", "width", "height", "model", "face", "x", "y", "w", "h", "score", "label", "confidence", "error"];

/** Answers as CSV: a row a face, or a row a picture; after the fixed columns one column a label. */
export function tableOf(pictures) {
  const labels = [...new Set(pictures.flatMap(({ answer }) => foundIn(answer).flatMap(({ probabilities }) => Object.keys(probabilities))))];
  const rows = pictures.flatMap((picture) => rowsOf(picture).map((row) => [...COLUMNS, ...labels].map((column) => row[column] ?? "")));
  return [[...COLUMNS, ...labels], ...rows].map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";
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

function quoted(value) {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
