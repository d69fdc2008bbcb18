/* Filters apply as soon as they are chosen, and leave no empty parameters in the address. */

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-filters]");
  if (form && event.target.matches("input[type=checkbox], input[type=radio], select")) form.requestSubmit();
});

const TYPING_MS = 450;
let typing = 0;

document.addEventListener("input", (event) => {
  if (!event.target.matches("form[data-filters] [data-search]")) return;
  clearTimeout(typing);
  typing = setTimeout(() => {
    if (!document.querySelector("dialog[open]")) event.target.form?.requestSubmit(); // its address is shown
  }, TYPING_MS);
});

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (!ctx.sourceElement?.matches?.("form[data-filters]")) return;
  for (const [name, value] of [...ctx.request.body.entries()]) {
    if (value !== "") continue;
    const kept = ctx.request.body.getAll(name).filter((one) => one !== "");
    ctx.request.body.delete(name);
    for (const one of kept) ctx.request.body.append(name, one);
  }
});

/* What can not be undone asks first: data-confirm on the form or its button. */
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
}, true);
