/* On the queue a scanner types into the search, wherever the focus is: whoever scans a label wants that order. */

document.addEventListener("keydown", (event) => {
  const field = document.getElementById("find");
  const isText = event.key.length === 1 && event.key !== " "; // a space presses a button, and scrolls
  if (!field || !isText || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input:not([type='checkbox']), select, textarea, dialog")) return;
  field.value = "";
  field.focus(); // and the key is typed into it
});
