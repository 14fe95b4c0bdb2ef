/* A scanner types fast: its field is empty again as soon as a code is on its way, and what it types meanwhile is not
 * lost when the answer replaces the page's middle.
 */

let typedMeanwhile = "";

function isScan(event) {
  return event.detail.requestConfig?.elt?.matches?.("form.scan") ?? event.detail.elt?.matches?.("form.scan");
}

document.addEventListener("htmx:beforeSend", (event) => {
  if (isScan(event)) document.getElementById("code").value = "";
});
document.addEventListener("htmx:beforeSwap", (event) => {
  typedMeanwhile = isScan(event) ? (document.getElementById("code")?.value ?? "") : "";
});
document.addEventListener("htmx:afterSwap", (event) => {
  const field = document.getElementById("code");
  if (!isScan(event) || !field) return;
  if (typedMeanwhile) field.value = typedMeanwhile;
  field.focus({ preventScroll: true });
});
