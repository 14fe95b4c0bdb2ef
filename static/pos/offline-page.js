/* The page that is shown instead of any other while there is no network, at the address that was requested. */

import { kept } from "./taps-kept.js";

const TRY_EVERY = 5000;

function list() {
  const rows = kept().map((tap) => {
    const row = document.createElement("li");
    row.textContent = [tap.orderNo, tap.piece || tap.code, tap.name].filter(Boolean).join(" · ");
    return row;
  });
  document.querySelector("#unsent ul").replaceChildren(...rows);
  document.getElementById("unsent").hidden = rows.length === 0;
}

async function lookAgain() {
  try {
    const answer = await fetch("/healthz", { cache: "no-store" });
    if (answer.ok) location.reload();
  } catch {
    // Still gone.
  }
}

list();
addEventListener("online", lookAgain);
setInterval(lookAgain, TRY_EVERY);
// The address itself is this page's when nothing was asked for; there the button leads to the queue.
document.getElementById("again").addEventListener("click", (event) => {
  if (location.pathname.endsWith("/offline/")) return;
  event.preventDefault();
  location.reload();
});
