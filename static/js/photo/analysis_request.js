/**
 * Sends one picture and returns the server's response. `progressed(fraction)` reports how much of it has left.
 * Rejects with {code, message}: the server's own refusal, or `offline` or `page` without a message.
 */
export function requestAnalysis(file, { url, token, progressed = () => {}, signal, Request = XMLHttpRequest }) {
  return new Promise((resolve, reject) => {
    const request = new Request();
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.addEventListener("progress", ({ loaded, total }) => progressed(total ? loaded / total : 0));
    request.upload.addEventListener("load", () => progressed(1));
    request.addEventListener("load", () => settle(request, resolve, reject));
    request.addEventListener("error", () => reject({ code: "offline" }));
    request.addEventListener("abort", () => reject({ code: "aborted" }));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function settle({ status, responseText }, resolve, reject) {
  const answer = parsed(responseText);
  if (status === 200 && answer) resolve(answer);
  else reject(answer?.error ?? { code: status === 403 ? "page" : "failed" });
}

/** The JSON, or null: a proxy's error page has none. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
