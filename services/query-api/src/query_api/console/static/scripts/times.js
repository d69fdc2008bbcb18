/* Keeps relative times true: <time data-relative>. */

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

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

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function showTimes() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-relative]")) {
    setText(time, relative(Date.parse(time.dateTime), now));
  }
}

showTimes();
setInterval(showTimes, 1_000);
document.addEventListener("visibilitychange", showTimes);
document.addEventListener("htmx:after:swap", showTimes);
