/** The result: a click on a moment or a timeline moves the film there, and the timelines show where it is. */
export class FilmResult {
  #root;
  #video;
  #clicked = (event) => this.#seekTo(event);
  #moved = () => this.#showNow();

  constructor(root) {
    this.#root = root;
    this.#video = root.querySelector("[data-video]");
  }

  start() {
    this.#root.addEventListener("click", this.#clicked);
    this.#video.addEventListener("timeupdate", this.#moved);
  }

  stop() {
    this.#root.removeEventListener("click", this.#clicked);
    this.#video.removeEventListener("timeupdate", this.#moved);
  }

  #seekTo(event) {
    const moment = event.target.closest("[data-seek]");
    const line = event.target.closest("[data-timeline]");
    if (moment) this.#video.currentTime = Number(moment.dataset.seek);
    else if (line) this.#video.currentTime = this.#fraction(line, event.clientX) * Number(line.dataset.seconds);
    if (moment || line) this.#bringIntoView();
  }

  /** Scrolls where a page is too low for the player to stay beside what was clicked. */
  #bringIntoView() {
    const { top, bottom } = this.#video.getBoundingClientRect();
    if (top < 0 || bottom > window.innerHeight) this.#video.scrollIntoView({ block: "nearest" });
  }

  #fraction(line, x) {
    const { left, width } = line.getBoundingClientRect();
    return Math.min(Math.max((x - left) / width, 0), 1);
  }

  #showNow() {
    for (const line of this.#root.querySelectorAll("[data-timeline]")) {
      const fraction = Math.min(this.#video.currentTime / Number(line.dataset.seconds), 1);
      line.querySelector("[data-now]").style.left = `${100 * fraction}%`;
    }
  }
}
