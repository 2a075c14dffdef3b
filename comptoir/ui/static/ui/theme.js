// Loaded before anything is painted, so that the chosen theme never flashes. Without it the page is light.
(() => {
  const KEY = "comptoir-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = "auto";
  try {
    chosen = localStorage.getItem(KEY) || "auto";
  } catch {
    // Storage may be forbidden: then the theme is the system's.
  }

  function paint() {
    const dark = chosen === "dark" || (chosen === "auto" && system.matches);
    document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
    for (const button of document.querySelectorAll("[data-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.theme === chosen));
    }
  }

  paint();
  system.addEventListener("change", paint);
  document.addEventListener("DOMContentLoaded", () => {
    for (const group of document.querySelectorAll("[data-theme-group]")) group.hidden = false;
    paint();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme]");
    if (!button) return;
    chosen = button.dataset.theme;
    try {
      localStorage.setItem(KEY, chosen);
    } catch {
      // Kept for this page only.
    }
    paint();
  });
})();
