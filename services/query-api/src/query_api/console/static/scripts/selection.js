/* Ticked rows stay ticked while pages come and go: an element with data-selection="name" around
   them keeps their ids. */

import { setText } from "./times.js";

const keyOf = (list) => `syncledger.selected.${list.dataset.selection}`;
const read = (list) => new Set(JSON.parse(sessionStorage.getItem(keyOf(list)) ?? "[]"));
const write = (list, ids) => sessionStorage.setItem(keyOf(list), JSON.stringify([...ids]));
const boxes = (list) => [...list.querySelectorAll("input[name=id][type=checkbox]")];

function show() {
  for (const list of document.querySelectorAll("[data-selection]")) {
    const ids = read(list);
    const shown = boxes(list);
    for (const box of shown) box.checked = ids.has(box.value);
    const bar = list.querySelector("[data-selected-bar]");
    if (bar) bar.hidden = ids.size === 0;
    for (const place of list.querySelectorAll("[data-selected-count]")) setText(place, ids.size.toLocaleString("en"));
    const all = list.querySelector("[data-select-all]");
    if (all) {
      const ticked = shown.filter((box) => box.checked).length;
      all.hidden = false;
      all.checked = shown.length > 0 && ticked === shown.length;
      all.indeterminate = ticked > 0 && ticked < shown.length;
    }
    const field = list.querySelector("input[data-selected-ids]");
    if (field) field.value = [...ids].join(",");
  }
}

document.addEventListener("change", (event) => {
  const list = event.target.closest("[data-selection]");
  if (!list || event.target.type !== "checkbox") return;
  const ids = read(list);
  const touched = event.target.matches("[data-select-all]") ? boxes(list) : [event.target].filter((box) => box.name === "id");
  for (const box of touched) {
    if (event.target.checked) ids.add(box.value);
    else ids.delete(box.value);
  }
  write(list, ids);
  show();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-clear-selection]");
  if (!button) return;
  write(button.closest("[data-selection]"), new Set());
  show();
});

document.addEventListener("htmx:after:swap", show);
show();
