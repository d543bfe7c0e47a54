import { Backoff } from "../lib/backoff.js";

const ATTEMPTS = 8; // half a minute: a tunnel, or a server that restarts

/**
 * Uploads a video: announces it, or continues at `upload`, the address of one that was interrupted; sends it part
 * by part, completes it. Resolves to the video's page. `progressed(fraction)` reports how much
 * has arrived, `retrying()` that the connection is lost. Rejects with {code, message, upload}: `upload` continues it later.
 */
export async function uploadVideo(file, form, { announce, upload = null, ...options }) {
  form.set("size", file.size);
  form.set("name", file.name);
  const requests = new Requests(form.get("csrfmiddlewaretoken"), options);
  const video = await (upload ? requests.get(upload) : requests.post(announce, form));
  try {
    return await new Upload(file, video, requests, options.progressed).run();
  } catch (error) {
    throw { ...error, upload: video.upload };
  }
}

class Upload {
  #file;
  #video;
  #requests;
  #progressed;

  constructor(file, video, requests, progressed = () => {}) {
    this.#file = file;
    this.#video = video;
    this.#requests = requests;
    this.#progressed = progressed;
  }

  async run() {
    if (this.#video.size !== this.#file.size) throw { code: "other_file" };
    // The server compares the first part with what it has: a name and a size are no proof of the same file.
    let received = this.#video.received;
    if (received) await this.#send(0);
    while (received < this.#file.size) {
      received = await this.#next(received);
      this.#progressed(received / this.#file.size);
    }
    return (await this.#requests.persist(() => this.#requests.post(this.#video.complete))).url;
  }

  /** Sends the part at `offset`; where the server is at another place, that place is next. */
  async #next(offset) {
    try {
      return await this.#send(offset);
    } catch (error) {
      const { received } = error.code === "bad_part" ? await this.#requests.get(this.#video.upload) : { received: offset };
      if (received === offset) throw error;
      return received;
    }
  }

  async #send(offset) {
    const part = this.#file.slice(offset, offset + this.#video.part_bytes);
    const post = () => this.#requests.post(`${this.#video.part}?offset=${offset}`, part, { "Content-Type": "application/octet-stream" });
    return (await this.#requests.persist(post)).received;
  }
}

class Requests {
  #headers;
  #signal;
  #fetch;
  #wait;
  #retrying;
  #backoff;

  constructor(token, { signal, retrying = () => {}, fetch = window.fetch.bind(window), wait = pause, backoff = new Backoff() }) {
    this.#headers = { "X-CSRFToken": token };
    this.#signal = signal;
    this.#fetch = fetch;
    this.#wait = wait;
    this.#retrying = retrying;
    this.#backoff = backoff;
  }

  get(url) {
    return answered(this.#fetch(url, { signal: this.#signal }));
  }

  post(url, body, headers = {}) {
    return answered(this.#fetch(url, { method: "POST", body, headers: { ...this.#headers, ...headers }, signal: this.#signal }));
  }

  /** Repeats a request whose failure may pass, with longer and longer pauses. */
  async persist(request) {
    this.#backoff.reset();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request();
      } catch (error) {
        if (!error.passing || attempt === ATTEMPTS) throw error;
        this.#retrying();
        await this.#wait(this.#backoff.next(), this.#signal);
      }
    }
  }
}

/** Waits so long, or until the browser is online again. */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const ended = new AbortController();
    const end = (settle) => {
      clearTimeout(timer);
      ended.abort();
      settle();
    };
    const timer = setTimeout(() => end(resolve), ms);
    window.addEventListener("online", () => end(resolve), { signal: ended.signal });
    signal?.addEventListener("abort", () => end(() => reject({ code: "aborted" })), { signal: ended.signal });
  });
}

async function answered(request) {
  let response;
  try {
    response = await request;
  } catch (error) {
    throw error.name === "AbortError" ? { code: "aborted" } : { code: "offline", passing: true };
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  // A rejection by the site is final, an error of a server or a proxy before it may pass.
  if (answer?.error) throw { ...answer.error, passing: answer.error.code === "busy" };
  throw { code: response.status === 403 ? "page" : "failed", passing: response.status >= 500 };
}
