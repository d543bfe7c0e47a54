// Reports changes of the theme, by the switch or by the system: a canvas does not follow by itself.
export function watchTheme(themeChanged) {
  new MutationObserver(themeChanged).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themeChanged);
}
