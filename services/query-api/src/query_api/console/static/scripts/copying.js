/* Buttons with data-copy (a text) or data-copy-from (an element's selector) copy. */

import { setText } from "./times.js";

function show() {
  for (const button of document.querySelectorAll("[data-copy], [data-copy-from]")) {
    button.hidden = !navigator.clipboard;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const text = button.dataset.copy ?? document.querySelector(button.dataset.copyFrom).textContent;
  await navigator.clipboard.writeText(text);
  const words = button.textContent;
  if (words === "Copied") return;
  setText(button, "Copied");
  setTimeout(() => setText(button, words), 1_500);
});

document.addEventListener("htmx:after:swap", show);
show();
