/* Which columns a table shows: checkboxes named after columns in a fieldset with data-columns="table". The choice is
   a cookie, so that the server writes what is wanted and nothing else. */

import { refresh } from "./refresh.js";

document.addEventListener("change", (event) => {
  const set = event.target.closest("[data-columns]");
  if (!set) return;
  const chosen = [...set.querySelectorAll("input:checked")].map((box) => box.value);
  document.cookie = `syncledger_columns_${set.dataset.columns}=${chosen.join(".")}; path=/; max-age=31536000; samesite=lax`;
  refresh();
});
