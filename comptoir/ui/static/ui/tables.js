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

// A matrix of boxes: the arrows go from box to box, the space bar ticks.
document.addEventListener("keydown", (event) => {
  const box = event.target.closest("[data-matrix] :is(input[type=checkbox], select)");
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  if (!box || !step || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (box.tagName === "SELECT" && step[0]) return; // up and down choose in it
  event.preventDefault();
  const cell = box.closest("td");
  let [row, column] = [cell.parentElement.rowIndex + step[0], cell.cellIndex + step[1]];
  const lines = cell.closest("table").rows;
  for (; lines[row]?.cells[column]; row += step[0], column += step[1]) {
    const next = lines[row].cells[column].querySelector("input[type=checkbox], select");
    if (next) return next.focus();
  }
});
