/* The choice of a return is written into the address at once, so that every refresh shows it; the server decides, and
 * `decide` asks it to. A tap during a swap is handled here, but not by the elements just swapped in: once the page has
 * settled, the decision is requested again if it was about another choice.
 */

import { carry } from "./answers.js";

const DECIDES = /^(piece|reason-\d+|instead)$/;
let asked = "";

const place = () => document.querySelector("form.came-back .choosing");

/** As the server writes it in `data-drawn`. */
function chosen(form) {
  const said = new FormData(form);
  const pieces = said.getAll("piece").map((piece) => `${piece}=${said.get(`reason-${piece}`) ?? ""}`);
  return [...pieces, said.get("instead") ?? ""].join("|");
}

function write(form) {
  const said = new URLSearchParams([...new FormData(form)].filter(([name]) => name !== "shown"));
  history.replaceState(history.state, "", `?${said}`);
}

function ask(choosing) {
  asked = chosen(choosing.closest("form"));
  choosing.dispatchEvent(new CustomEvent("decide"));
}

document.addEventListener("change", (event) => {
  const choosing = place();
  if (!choosing?.contains(event.target)) return;
  write(choosing.closest("form"));
  if (DECIDES.test(event.target.name)) ask(choosing);
});

// A scanned piece is ticked at once, so that the next scan may follow at once; of a code that fits no piece which is
// left the server says why.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || field.id !== "code" || !place()) return;
  const code = field.value.trim();
  const left = [...document.querySelectorAll("input[name='piece']:not(:checked)")];
  const piece = code && left.find((one) => one.dataset.codes.split(" ").includes(code));
  document.body.dispatchEvent(new CustomEvent("portal:sound", { bubbles: true, detail: { kind: piece ? "right" : "wrong" } }));
  if (!piece) return;
  event.preventDefault();
  field.value = "";
  piece.click();
  piece.closest("li").scrollIntoView({ block: "nearest" });
});

// What was unfolded since the request stays unfolded when the answer comes.
carry(
  () => document.getElementById("overrule")?.open ?? false,
  (unfolded) => {
    const overrule = document.getElementById("overrule");
    if (overrule && unfolded) overrule.open = true;
  },
);

document.addEventListener("htmx:afterSettle", () => {
  const choosing = place();
  if (!choosing) return;
  const now = chosen(choosing.closest("form"));
  const isDrawn = choosing.querySelector("[data-drawn]").dataset.drawn === now;
  if (!isDrawn && asked === now) ask(choosing);
});
