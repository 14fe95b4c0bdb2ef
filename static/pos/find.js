/* A scanner types wherever the focus is: into the search of the queue, else into the field of the page that waits for a code. */

const FIELDS = "#find, #code, #pickup-code, #delivery-no";
const TYPED_INTO = "input:not([type='checkbox'], [type='radio']), select, textarea, dialog";

document.addEventListener("keydown", (event) => {
  const isText = event.key.length === 1 && event.key !== " "; // a space presses a button, and scrolls
  if (!isText || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.(TYPED_INTO)) return;
  const field = [...document.querySelectorAll(FIELDS)].find((one) => one.getClientRects().length);
  if (!field) return;
  field.value = "";
  field.focus(); // and the key is typed into it
});
