/** The result: a click on a moment or a timeline seeks the video to it, and the timelines show its position. */
export class VideoResult {
  #root;
  #player;
  #clicked = (event) => this.#seekTo(event);
  #moved = () => this.#showNow();

  constructor(root) {
    this.#root = root;
    this.#player = root.querySelector("[data-video]");
  }

  start() {
    this.#root.addEventListener("click", this.#clicked);
    this.#player.addEventListener("timeupdate", this.#moved);
  }

  stop() {
    this.#root.removeEventListener("click", this.#clicked);
    this.#player.removeEventListener("timeupdate", this.#moved);
  }

  #seekTo(event) {
    const moment = event.target.closest("[data-seek]");
    const line = event.target.closest("[data-timeline]");
    if (moment) this.#player.currentTime = Number(moment.dataset.seek);
    else if (line) this.#player.currentTime = this.#fraction(line, event.clientX) * Number(line.dataset.seconds);
    if (moment || line) this.#bringIntoView();
  }

  /** Scrolls where a page is too low for the player to stay beside what was clicked. */
  #bringIntoView() {
    const { top, bottom } = this.#player.getBoundingClientRect();
    if (top < 0 || bottom > window.innerHeight) this.#player.scrollIntoView({ block: "nearest" });
  }

  #fraction(line, x) {
    const { left, width } = line.getBoundingClientRect();
    return Math.min(Math.max((x - left) / width, 0), 1);
  }

  #showNow() {
    for (const line of this.#root.querySelectorAll("[data-timeline]")) {
      const fraction = Math.min(this.#player.currentTime / Number(line.dataset.seconds), 1);
      line.querySelector("[data-now]").style.left = `${100 * fraction}%`;
    }
  }
}
