// The overview renews itself. While it cannot, it says so, and shows what it knew last.
const stale = (is) => document.documentElement.toggleAttribute("data-stale", is);

document.addEventListener("htmx:beforeSwap", (event) => {
  // The page of a refusal has no figures: what stands there stays.
  if (event.detail.xhr.status >= 400) event.detail.shouldSwap = false;
});
for (const trouble of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(trouble, () => stale(true));
}
document.addEventListener("htmx:afterSwap", () => stale(false));
