/* Counts down how long a delivery can still be undone, from the server's seconds; then the button disappears. */

const ends = new WeakMap();

function count() {
  for (const form of document.querySelectorAll("form.take-back")) {
    if (!ends.has(form)) ends.set(form, Date.now() + Number(form.dataset.seconds) * 1000);
    const left = Math.ceil((ends.get(form) - Date.now()) / 1000);
    if (left <= 0) form.remove();
    else form.querySelector("[data-left]").textContent = left;
  }
}

document.addEventListener("htmx:afterSwap", count);
setInterval(count, 250);
count();
