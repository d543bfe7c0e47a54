// Starts what a video page has: the upload form, the progress or the result.
import { Texts } from "../lib/texts.js";
import { VideoProgress } from "./video_progress.js";
import { VideoResult } from "./video_result.js";
import { UploadForm } from "./upload_form.js";

const words = document.querySelector("#video-texts");
if (words) {
  const texts = new Texts(JSON.parse(words.textContent), document.documentElement.lang);
  const parts = { "[data-video-upload]": UploadForm, "[data-video-progress]": VideoProgress, "[data-video-result]": VideoResult };
  for (const [selector, Part] of Object.entries(parts)) {
    const root = document.querySelector(selector);
    if (root) new Part(root, { texts }).start();
  }
}
