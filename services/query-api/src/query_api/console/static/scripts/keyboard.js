/* `/` search, `j` and `k` through the rows, Enter opens, `x` ticks, `r` brings up to date, `?` tells all this. */

import { refresh } from "./refresh.js";

const rows = () => [...document.querySelectorAll("[data-row]")];

function isTyping(target) {
  return target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
}

function go(step) {
  const all = rows();
  const here = all.indexOf(document.activeElement?.closest("[data-row]"));
  const next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
  next?.querySelector("a")?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function tick() {
  document.activeElement?.closest("[data-row]")?.querySelector("input[type=checkbox]")?.click();
}

function toggleHelp() {
  const help = document.querySelector("#keys");
  if (help?.open) help.close();
  else help?.showModal();
}

const KEYS = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  j: () => go(1),
  k: () => go(-1),
  x: tick,
  r: refresh,
  "?": toggleHelp,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const action = KEYS[event.key];
  if (!action || (document.querySelector("dialog[open]") && event.key !== "?")) return;
  event.preventDefault();
  action();
});
