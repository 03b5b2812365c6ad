// Knows whether the page is light or dark: as the system is, unless this browser was told otherwise.

export const THEMES = ["system", "light", "dark"];

export function theme() {
  try {
    const stored = localStorage.getItem("theme");
    return THEMES.includes(stored) ? stored : "system";
  } catch {
    return "system";
  }
}

export function applyTheme(chosen = theme()) {
  try {
    localStorage.setItem("theme", chosen);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}
