// Lets the API page's examples be copied, where the browser allows it: on https and on this computer.
import { CopyButton } from "./copy_button.js";

if (navigator.clipboard) {
  for (const example of document.querySelectorAll("[data-example]")) {
    new CopyButton(example.querySelector("[data-copy]"), example.querySelector("code"), navigator.clipboard).start();
  }
}
