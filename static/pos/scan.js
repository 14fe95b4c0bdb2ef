/* A scanner types fast: each code waits for its turn, its field is empty again at once, and what is typed while an
 * answer replaces the page's middle is not lost. A code that is refused stops those behind it: somebody looks up first.
 */

const waiting = [];
let sending = false;
let typedMeanwhile = "";

// Before htmx, which would read the field only when the turn comes, and does not know a form that was swapped in just now.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("form.scan") || !window.htmx) return;
    event.preventDefault();
    event.stopPropagation();
    const field = form.elements.code;
    waiting.push({ address: form.getAttribute("action"), code: field.value });
    field.value = "";
    if (!sending) sendNext();
  },
  true,
);

async function sendNext() {
  const form = document.querySelector("form.scan");
  const next = waiting.shift();
  // Codes of an order that is no longer on the screen are nobody's.
  if (!next || form?.getAttribute("action") !== next.address) {
    waiting.length = 0;
    return;
  }
  sending = true;
  try {
    await window.htmx.ajax("POST", next.address, { source: form, target: "#live", values: { code: next.code } });
  } catch {
    // No answer came; the page says so.
  }
  sending = false;
  sendNext();
}

function isScan(event) {
  return event.detail.requestConfig?.elt?.matches?.("form.scan");
}

document.addEventListener("htmx:beforeSwap", (event) => {
  typedMeanwhile = isScan(event) ? (document.getElementById("code")?.value ?? "") : "";
});
document.addEventListener("htmx:afterSwap", (event) => {
  const field = document.getElementById("code");
  if (!isScan(event) || !field) return;
  if (typedMeanwhile) field.value = typedMeanwhile;
  field.focus({ preventScroll: true });
});
document.addEventListener("htmx:afterRequest", (event) => {
  // Without any answer nothing was refused: offline.js keeps the code, and those behind it.
  if (isScan(event) && !event.detail.successful && event.detail.xhr.status) waiting.length = 0;
});
