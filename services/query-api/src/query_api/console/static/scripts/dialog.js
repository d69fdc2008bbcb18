/* Links with data-dialog show their page's #detail in a dialog with the page's own address. Opened in a new tab,
   or without scripts, the same address is a page. */

const dialog = document.querySelector("#dialog");
let opener = null; // the address of the page below, while a dialog is open
let openerTitle = "";
let isClosing = false;

export function pageAddress() {
  return opener ?? location.href;
}

export async function open(link) {
  const title = document.title;
  await htmx.ajax("GET", link.href, { source: link, target: "#dialog-content", select: "#detail", swap: "innerHTML" });
  if (!dialog.querySelector("#detail")) return location.assign(link.href);
  if (opener === null) {
    opener = location.href;
    openerTitle = title;
    history.pushState({ dialog: true }, "", link.href);
  } else {
    history.replaceState({ dialog: true }, "", link.href);
  }
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function close() {
  isClosing = true;
  history.back();
}

function isPlain(event) {
  return event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (dialog && link && isPlain(event) && window.htmx) {
    event.preventDefault();
    open(link);
  }
  if (event.target === dialog || event.target.closest("[data-close]")) {
    if (dialog?.open) close();
  }
});

dialog?.addEventListener("cancel", (event) => {
  event.preventDefault();
  close();
});

function forget() {
  opener = null;
  document.title = openerTitle;
  dialog.close();
  dialog.querySelector("#dialog-content").replaceChildren();
}

/* The page below is still there, so nothing has to be fetched. */
document.addEventListener("htmx:before:history:restore", (event) => {
  if (isClosing || opener !== null) event.preventDefault();
});
window.addEventListener("popstate", () => {
  if (opener !== null) forget();
  setTimeout(() => { isClosing = false; }, 50);
});
