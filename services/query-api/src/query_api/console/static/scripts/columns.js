/* Which columns a table shows: checkboxes named after columns in a form with data-columns="table". The choice is
   a cookie, so that the server writes what is wanted and nothing else. */

import { refresh } from "./refresh.js";

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-columns]");
  if (!form) return;
  const chosen = [...form.querySelectorAll("input:checked")].map((box) => box.value);
  document.cookie = `syncledger_columns_${form.dataset.columns}=${chosen.join(".")}; path=/; max-age=31536000; samesite=lax`;
  refresh();
});
