/* Clears a PIN that was refused, so that the next one can be typed at once. */

// htmx does not know a form that was swapped in just now; the browser would leave the page.
document.addEventListener("submit", ({ target }) => target.matches("form.pin") && window.htmx?.process(target), true);

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.requestConfig.elt;
  if (!form.matches?.("form.pin") || detail.successful) return;
  for (const field of form.querySelectorAll("input[type=password]")) field.value = "";
  form.querySelector("input[type=password]")?.focus();
});
