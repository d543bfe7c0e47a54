// Starts the image page.
import { Preferences } from "../lib/preferences.js";
import { PhotoPage } from "./photo_page.js";

const root = document.querySelector("[data-photo]");
if (root) new PhotoPage(root, { preferences: new Preferences() }).start();
