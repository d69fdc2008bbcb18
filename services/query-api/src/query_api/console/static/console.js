/* Keeps the page current without disturbing who reads it. Everything works without this file, except by itself. */

const REFRESH_MS = 30_000;
const PAUSE_KEY = "syncledger.paused";
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

let updatedAt = Date.now();
let hasFailed = false;
let isPaused = sessionStorage.getItem(PAUSE_KEY) === "yes";

function amount(seconds) {
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? UNITS.at(-1);
  const count = Math.floor(seconds / size);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

function relative(moment, now) {
  const seconds = Math.round((now - moment) / 1000);
  if (Math.abs(seconds) < 2) return "just now";
  return seconds > 0 ? `${amount(seconds)} ago` : `in ${amount(-seconds)}`;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function showTimes() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-relative]")) {
    setText(time, relative(Date.parse(time.dateTime), now));
  }
  const age = Math.round((now - updatedAt) / 1000);
  const words = hasFailed ? "could not update, trying again" : `updated ${age < 1 ? "now" : `${age} s ago`}`;
  for (const place of document.querySelectorAll("[data-updated]")) {
    setText(place, isPaused ? `${words}, paused` : words);
  }
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.dataset.key ?? node.id : "";
}

function morph(current, next) {
  if (current.nodeName !== next.nodeName) {
    current.replaceWith(document.importNode(next, true));
  } else if (current.nodeType !== Node.ELEMENT_NODE) {
    if (current.data !== next.data) current.data = next.data;
  } else if (!("keep" in current.dataset) && !current.isEqualNode(next)) {
    morphAttributes(current, next);
    morphChildren(current, next);
  }
}

function morphAttributes(current, next) {
  const isOwnedByReader = (name) => name === "open" && current.nodeName === "DETAILS";
  for (const { name } of [...current.attributes]) {
    if (!next.hasAttribute(name) && !isOwnedByReader(name)) current.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (current.getAttribute(name) !== value && !isOwnedByReader(name)) current.setAttribute(name, value);
  }
}

function morphChildren(current, next) {
  const wantedKeys = new Set([...next.childNodes].map(keyOf).filter(Boolean));
  const byKey = new Map();
  for (const child of [...current.children]) {
    const key = keyOf(child);
    if (key && !wantedKeys.has(key)) child.remove();
    else if (key) byKey.set(key, child);
  }
  let place = current.firstChild;
  for (const wanted of [...next.childNodes]) {
    const key = keyOf(wanted);
    const match = key ? byKey.get(key) : place && !keyOf(place) && place.nodeName === wanted.nodeName && place;
    if (!match) {
      const added = document.importNode(wanted, true);
      if (key) added.classList.add("is-new");
      current.insertBefore(added, place);
    } else {
      if (match === place) place = place.nextSibling;
      else current.insertBefore(match, place);
      morph(match, wanted);
    }
  }
  while (place) {
    const after = place.nextSibling;
    place.remove();
    place = after;
  }
}

async function refresh() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(20_000) });
    if (answer.redirected) return location.reload();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const region of document.querySelectorAll("[data-live]")) {
      const fresh = page.querySelector(`[data-live="${region.dataset.live}"]`);
      if (fresh) morph(region, fresh);
    }
    document.title = page.title;
    [hasFailed, updatedAt] = [false, Date.now()];
  } catch {
    hasFailed = true;
  }
  showTools();
  showTimes();
}

function isDue() {
  return !isPaused && !document.hidden && Date.now() - updatedAt >= REFRESH_MS;
}

async function keepCurrent() {
  if (document.querySelector("[data-updated]") && isDue()) await refresh();
  setTimeout(keepCurrent, hasFailed ? 5_000 : 1_000);
}

function showTools() {
  for (const button of document.querySelectorAll("[data-pause]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(isPaused));
    setText(button, isPaused ? "Resume" : "Pause");
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
  }
}

function togglePause() {
  isPaused = !isPaused;
  sessionStorage.setItem(PAUSE_KEY, isPaused ? "yes" : "no");
  showTools();
  showTimes();
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  setText(button, "Copied");
  setTimeout(() => setText(button, "Copy"), 1_500);
}

function closeOtherDrops(target) {
  for (const drop of document.querySelectorAll("[data-drop][open]")) {
    if (!drop.contains(target)) drop.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeOtherDrops(event.target);
  if (event.target.closest("[data-pause]")) togglePause();
  const copyButton = event.target.closest("[data-copy]");
  if (copyButton) copy(copyButton);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeOtherDrops(null);
});

document.addEventListener("change", (event) => {
  const isImmediate = event.target.matches("[data-filters] .chip input, [data-filters] select");
  if (isImmediate) event.target.form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-filters]")) return;
  for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
});

document.addEventListener("visibilitychange", showTimes);
window.addEventListener("pageshow", (event) => event.persisted && refresh());

showTools();
showTimes();
setInterval(showTimes, 1_000);
keepCurrent();
