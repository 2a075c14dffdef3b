// Lists by keyboard: j and k (or the arrows, once a row is chosen) move, Enter opens the row's first link, x ticks its box.
const rows = () => [...document.querySelectorAll("table[data-rows] tbody tr")].filter((row) => row.querySelector("a[href]"));
const current = () => document.querySelector("tr[data-current]");

function choose(row) {
  current()?.removeAttribute("data-current");
  row.dataset.current = "";
  row.querySelector("a[href]").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog, details[open]")) return;
  if (event.key === "x") current()?.querySelector("input[type=checkbox]")?.click();
  const down = event.key === "j" || (event.key === "ArrowDown" && current());
  const up = event.key === "k" || (event.key === "ArrowUp" && current());
  if (!down && !up) return;
  const all = rows();
  if (!all.length) return;
  event.preventDefault();
  const at = all.indexOf(current());
  choose(all[Math.min(all.length - 1, Math.max(0, at + (down ? 1 : -1)))]);
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest("table[data-rows] tbody tr");
  if (current() !== row) current()?.removeAttribute("data-current");
});
