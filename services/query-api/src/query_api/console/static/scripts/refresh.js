/* Brings the page up to date every 30 seconds, or as soon as something happens in live mode, without
   disturbing who reads it: what is focused, ticked, open or scrolled stays. */

import { setText } from "./times.js";
import { pageAddress } from "./dialog.js";

const REFRESH_MS = 30_000;
const LIVE_MS = 1_000;
const RETRY_MS = 5_000;
const MODE_KEY = "syncledger.refresh";
const USUAL = "usual";

let updatedAt = Date.now();
let failedAt = 0;
let isUnderWay = false;
let mode = sessionStorage.getItem(MODE_KEY) ?? USUAL;
let stream = null;
let hasNews = false;

async function read(address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(20_000) });
  if (answer.redirected && new URL(answer.url).pathname === "/sign-in") location.reload();
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.text();
}

function swap(text, target, select) {
  return htmx.swap({ text, target, select, swap: "outerMorph", sourceElement: document.body });
}

/* Rows that come in above do not push away the one that is being read. */
async function show(text) {
  const anchor = [...document.querySelectorAll("[data-row]")].find((row) => row.getBoundingClientRect().top >= 0);
  const before = anchor?.getBoundingClientRect().top;
  for (const place of ["#content", "#nav"]) await swap(text, document.querySelector(place), place);
  if (anchor?.isConnected && scrollY > 0) scrollBy(0, anchor.getBoundingClientRect().top - before);
}

export async function refresh() {
  if (isUnderWay || !window.htmx) return;
  isUnderWay = true;
  try {
    await show(await read(pageAddress()));
    const detail = document.querySelector("dialog[open] #detail");
    if (detail) await swap(await read(location.href), detail, "#detail");
    [updatedAt, failedAt, hasNews] = [Date.now(), 0, false];
  } catch {
    failedAt = Date.now();
  } finally {
    isUnderWay = false;
    showState();
  }
}

function isDue(now) {
  if (document.hidden || mode === "paused" || !document.querySelector("[data-updated]")) return false;
  if (failedAt) return now - failedAt >= RETRY_MS;
  return now - updatedAt >= (mode === "live" && hasNews ? LIVE_MS : REFRESH_MS);
}

function showState() {
  const age = Math.round((Date.now() - updatedAt) / 1000);
  const when = failedAt ? "could not update, trying again" : `updated ${age < 1 ? "now" : `${age} s ago`}`;
  for (const place of document.querySelectorAll("[data-updated]")) {
    setText(place, mode === "paused" ? `${when}, paused` : when);
  }
  for (const choice of document.querySelectorAll("[data-refresh-mode]")) {
    choice.hidden = false;
    const isChosen = choice.dataset.refreshMode === mode;
    choice.setAttribute("aria-pressed", String(isChosen));
    if (choice.dataset.refreshMode === "paused") setText(choice, isChosen ? "Resume" : "Pause");
  }
}

function follow() {
  stream?.close();
  stream = null;
  const source = document.querySelector("[data-live-from]")?.dataset.liveFrom;
  if (mode !== "live" || !source) return;
  stream = new EventSource(source);
  stream.addEventListener("transition", () => { hasNews = true; });
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-refresh-mode]");
  if (choice) {
    mode = choice.dataset.refreshMode === mode ? USUAL : choice.dataset.refreshMode;
    sessionStorage.setItem(MODE_KEY, mode);
    follow();
    showState();
    if (mode === USUAL) refresh();
  }
  if (event.target.closest("[data-refresh-now]")) {
    event.preventDefault();
    refresh();
  }
});

document.addEventListener("htmx:after:swap", showState);
window.addEventListener("pageshow", (event) => event.persisted && refresh());
window.addEventListener("pagehide", () => stream?.close());
setInterval(() => {
  if (isDue(Date.now())) refresh();
  showState();
}, 1_000);
follow();
showState();
