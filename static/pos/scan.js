/* A scanner types fast: each code waits for its turn, its field is empty again at once, and what is typed while an
 * answer replaces the page's middle is not lost. A code that is refused stops those behind it: somebody looks up first.
 */

import { carry } from "./answers.js";
import "./keep.js"; // what it gives back comes first, then the field has the focus

const waiting = [];
let sending = false;

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
  // Codes for an order that is no longer on the screen are dropped.
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

function isScan({ requestConfig }) {
  return requestConfig?.elt?.matches?.("form.scan");
}

carry(
  () => document.getElementById("code")?.value ?? "",
  (typedMeanwhile, detail) => {
    const field = document.getElementById("code");
    if (!isScan(detail) || !field) return;
    if (typedMeanwhile) field.value = typedMeanwhile;
    field.focus({ preventScroll: true });
  },
);
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  // Without any answer nothing was refused: offline.js keeps the code, and those behind it.
  if (isScan(detail) && !detail.successful && detail.xhr.status) waiting.length = 0;
});
