// Menus and the drawer are <details>: they close on a click elsewhere and on Escape, and only one is open at a time.
const open = () => [...document.querySelectorAll("details[data-menu][open]")];

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    const scrim = menu.matches(".drawer") && !event.target.closest(".drawer-panel, summary");
    if (scrim || !menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// "/" goes to the search of the page, from anywhere but a field.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  // where everything can be searched, search.js answers
  const field = document.querySelector("form[data-search], a[data-search-page]") ? null : document.querySelector("input[type=search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
