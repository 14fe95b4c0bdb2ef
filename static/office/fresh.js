// The overview refreshes itself. When that fails it says so and keeps showing the last data.
const stale = (is) => document.documentElement.toggleAttribute("data-stale", is);

document.addEventListener("htmx:beforeSwap", (event) => {
  // The page of a refusal has no figures, so the old ones stay.
  if (event.detail.xhr.status >= 400) event.detail.shouldSwap = false;
});
for (const trouble of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(trouble, () => stale(true));
}
document.addEventListener("htmx:afterSwap", () => stale(false));
