// Finds the parts of a page and starts them. A page's own module is loaded only where its root element exists.
import { Preferences } from "./lib/preferences.js";
import { SavedSession } from "./lib/saved_session.js";
import { ThemeToggle } from "./lib/theme_toggle.js";

const preferences = new Preferences();

const themeButton = document.querySelector("[data-theme-toggle]");
if (themeButton) new ThemeToggle(themeButton, preferences).start();

const liveRoot = document.querySelector("[data-live]");
if (liveRoot) {
  const { LivePage } = await import("./live/live_page.js");
  new LivePage(liveRoot, { preferences }).start();
} else {
  new SavedSession().take(); // the visitor left the live page: a later visit must not turn the camera on
}
