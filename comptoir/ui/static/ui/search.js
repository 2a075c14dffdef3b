// Search everything: "/" goes to the field, the arrows walk through what was found, Escape leaves. Links stay links.
const form = document.querySelector("form[data-search]");
const field = form?.querySelector("[data-search-field]");
const panel = form?.querySelector(".search-found");
const hits = () => [...(panel ?? document.querySelector("[data-found]") ?? form).querySelectorAll("a.hit")];

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  event.preventDefault();
  if (field?.checkVisibility()) {
    field.focus();
    field.select();
    return;
  }
  document.querySelector("a[data-search-page]")?.click();
});

function show(open) {
  if (!panel) return;
  panel.hidden = !open || !panel.childElementCount;
}

form?.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel && !panel.hidden) {
    event.preventDefault();
    field.focus(); // which shows it
    show(false);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const here = document.activeElement;
  if (here !== field && !hits().includes(here)) return;
  const all = hits();
  if (!all.length || (panel && panel.hidden)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const at = all.indexOf(here) + (event.key === "ArrowDown" ? 1 : -1);
  (at < 0 ? field : all[Math.min(at, all.length - 1)]).focus();
});

panel?.addEventListener("htmx:afterSwap", () => show(form.contains(document.activeElement)));
field?.addEventListener("focus", () => show(true));
field?.addEventListener("input", () => {
  if (field.value.trim().length < 2) panel?.replaceChildren();
  show(true);
});
form?.addEventListener("focusout", (event) => {
  if (event.relatedTarget && !form.contains(event.relatedTarget)) show(false);
});
document.addEventListener("click", (event) => {
  if (form && !form.contains(event.target)) show(false);
});
