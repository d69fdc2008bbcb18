/* Ticked rows stay ticked while pages come and go: a form with data-selection="name" keeps its ids. */

import { setText } from "./times.js";

const keyOf = (form) => `syncledger.selected.${form.dataset.selection}`;
const read = (form) => new Set(JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "[]"));
const write = (form, ids) => sessionStorage.setItem(keyOf(form), JSON.stringify([...ids]));
const boxes = (form) => [...form.querySelectorAll("input[name=id][type=checkbox]")];

function show() {
  for (const form of document.querySelectorAll("form[data-selection]")) {
    const ids = read(form);
    const shown = boxes(form);
    for (const box of shown) box.checked = ids.has(box.value);
    const bar = form.querySelector("[data-selected-bar]");
    if (bar) bar.hidden = ids.size === 0;
    for (const place of form.querySelectorAll("[data-selected-count]")) setText(place, ids.size.toLocaleString("en"));
    const all = form.querySelector("[data-select-all]");
    if (all) {
      const ticked = shown.filter((box) => box.checked).length;
      all.checked = shown.length > 0 && ticked === shown.length;
      all.indeterminate = ticked > 0 && ticked < shown.length;
    }
    const field = form.querySelector("input[data-selected-ids]");
    if (field) field.value = [...ids].join(",");
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-selection]");
  if (!form || event.target.type !== "checkbox") return;
  const ids = read(form);
  const touched = event.target.matches("[data-select-all]") ? boxes(form) : [event.target].filter((box) => box.name === "id");
  for (const box of touched) {
    if (event.target.checked) ids.add(box.value);
    else ids.delete(box.value);
  }
  write(form, ids);
  show();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-clear-selection]");
  if (!button) return;
  write(button.closest("form[data-selection]"), new Set());
  show();
});

document.addEventListener("htmx:after:swap", show);
show();
