/* On narrow windows the navigation and tabs scroll sideways: what is current is brought into sight. */

for (const list of document.querySelectorAll("#nav, .tabs")) {
  const here = list.querySelector("[aria-current]")?.getBoundingClientRect();
  const frame = list.getBoundingClientRect();
  if (here) list.scrollLeft += here.left - frame.left - (frame.width - here.width) / 2;
}
