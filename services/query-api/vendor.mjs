/* Copies what the pages load out of node_modules; nothing of it is committed. */

import { copyFile, mkdir, rm } from "node:fs/promises";

const TARGET = new URL("src/query_api/console/static/vendor/", import.meta.url);
const FILES = {
  "htmx.js": "htmx.org/dist/htmx.min.js",
  "uplot.js": "uplot/dist/uPlot.iife.min.js",
  "uplot.css": "uplot/dist/uPlot.min.css",
};

await rm(TARGET, { recursive: true, force: true });
await mkdir(TARGET, { recursive: true });
for (const [name, source] of Object.entries(FILES)) {
  await copyFile(new URL(`node_modules/${source}`, import.meta.url), new URL(name, TARGET));
}
