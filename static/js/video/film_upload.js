/**
 * Sends a film: announces it, sends it part by part, completes it. Gives the film's page.
 * `progressed(fraction)` tells how much has arrived. Rejects with {code, message}.
 */
export async function sendFilm(file, form, { announce, progressed = () => {}, signal, fetch = window.fetch.bind(window) }) {
  form.set("size", file.size);
  form.set("name", file.name);
  const headers = { "X-CSRFToken": form.get("csrfmiddlewaretoken") };
  const post = (url, body, more = {}) => answered(fetch(url, { method: "POST", body, headers: { ...headers, ...more }, signal }));
  const film = await post(announce, form);
  for (let offset = 0; offset < file.size; offset += film.part_bytes) {
    const part = file.slice(offset, offset + film.part_bytes);
    await post(`${film.part}?offset=${offset}`, part, { "Content-Type": "application/octet-stream" });
    progressed(Math.min((offset + film.part_bytes) / file.size, 1));
  }
  return (await post(film.complete)).url;
}

async function answered(request) {
  let response;
  try {
    response = await request;
  } catch (error) {
    throw { code: error.name === "AbortError" ? "aborted" : "offline" };
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  throw answer?.error ?? { code: response.status === 403 ? "page" : "failed" };
}
