/* <figure data-chart> draws the table inside it: first column times (Unix seconds), others numbers. Where uPlot is
   not loaded, and for screen readers, the table stays. Its [data-plot] is to be skipped when pages are morphed. */

const TONES = ["--busy", "--good", "--bad", "--warn", "--calm"];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function seriesOf(column, index) {
  const tone = colour(column.tone ? `--${column.tone}` : TONES[index % TONES.length]);
  return { label: column.label, stroke: tone, width: 1.6, fill: column.isFilled ? `${tone}22` : undefined, points: { show: column.hasPoints ?? false, size: 4 }, spanGaps: false };
}

const DAY_S = 86_400;

/* Clock times without "am" and "pm"; days where more than one is shown. */
function moment(seconds, isOfDays) {
  const at = new Date(seconds * 1000);
  const clock = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return isOfDays ? `${at.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${clock}` : clock;
}

function ticks(plot, places) {
  const isOfDays = places.length > 1 && places.at(-1) - places[0] > DAY_S;
  return places.map((place) => (isOfDays ? moment(place, true).replace(" 00:00", "") : moment(place, false)));
}

function axes() {
  const axis = { stroke: colour("--ink-faint"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "11px sans-serif" };
  return [{ ...axis, grid: { show: false }, space: 70, size: 28, values: ticks }, { ...axis, size: 46 }];
}

function draw(figure) {
  const { columns, rows } = JSON.parse(figure.dataset.chart);
  const data = [0, ...columns.map((_, index) => index + 1)].map((place) => rows.map((row) => row[place]));
  const place = figure.querySelector("[data-plot]");
  figure.plot?.destroy();
  figure.plot = new uPlot({
    width: place.clientWidth,
    height: Number(figure.dataset.height ?? 180),
    series: [{ label: "Time", value: (_, at) => (at === null ? "–" : moment(at, true)) }, ...columns.map(seriesOf)],
    axes: axes(),
    legend: { live: true },
    cursor: { y: false },
    scales: { x: { time: true }, y: { range: (_, low, high) => [0, Math.max(1, high * 1.1)] } },
  }, data, place);
  figure.drawn = figure.dataset.chart;
  place.classList.add("is-drawn");
}

function drawAll() {
  if (!window.uPlot) return;
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    if (figure.drawn !== figure.dataset.chart) draw(figure);
  }
}

const watcher = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const figure = target.closest("figure");
    if (figure.plot && target.clientWidth) figure.plot.setSize({ width: target.clientWidth, height: figure.plot.height });
  }
});

function watch() {
  drawAll();
  for (const place of document.querySelectorAll("figure[data-chart] [data-plot]")) watcher.observe(place);
}

document.addEventListener("htmx:after:swap", watch);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const figure of document.querySelectorAll("figure[data-chart]")) figure.drawn = null;
  drawAll();
});
window.addEventListener("load", watch);
