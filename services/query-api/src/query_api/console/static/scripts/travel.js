/* The slider of time travel says which moment it stands at, and goes there as soon as it rests. */

import { setText } from "./times.js";

const REST_MS = 350;
const FORMAT = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
let resting = 0;

function say(slider) {
  const minutes = Number(slider.value);
  const words = minutes === 0 ? "now" : new Date(Date.now() + minutes * 60_000).toLocaleString("en-GB", FORMAT);
  setText(slider.form.querySelector("[data-travel-moment]"), words);
  slider.setAttribute("aria-valuetext", words);
}

/* Where it stands follows the page, unless somebody is moving it. */
function follow() {
  const slider = document.querySelector("[data-travel]");
  if (!slider || resting) return;
  slider.value = slider.getAttribute("value");
  slider.setAttribute("aria-valuetext", slider.form.querySelector("[data-travel-moment]").textContent);
}

document.addEventListener("input", (event) => {
  const slider = event.target;
  if (!slider.matches("[data-travel]")) return;
  say(slider);
  clearTimeout(resting);
  resting = setTimeout(() => {
    resting = 0;
    slider.form?.requestSubmit();
  }, REST_MS);
});

document.addEventListener("htmx:after:swap", follow);
follow();
