// Makes the API page's examples copyable, where the browser allows it: with HTTPS and on this computer.
import { CopyButton } from "./copy_button.js";

if (navigator.clipboard) {
  for (const example of document.querySelectorAll("[data-example]")) {
    new CopyButton(example.querySelector("[data-copy]"), example.querySelector("code"), navigator.clipboard).start();
  }
}
