// Starts what the films' pages have: the upload, the progress or the result.
import { Texts } from "../lib/texts.js";
import { FilmProgress } from "./film_progress.js";
import { FilmResult } from "./film_result.js";
import { UploadForm } from "./upload_form.js";

const words = document.querySelector("#film-texts");
if (words) {
  const texts = new Texts(JSON.parse(words.textContent), document.documentElement.lang);
  const parts = { "[data-films]": UploadForm, "[data-film-progress]": FilmProgress, "[data-film-result]": FilmResult };
  for (const [selector, Part] of Object.entries(parts)) {
    const root = document.querySelector(selector);
    if (root) new Part(root, { texts }).start();
  }
}
