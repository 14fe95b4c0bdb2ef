/* What is chosen of a return stands in the address at once, so that every refresh draws it; the server decides, and
 * `decide` asks it to. A tap while the page exchanges itself is heard here, but not by what was just swapped in:
 * once the page has settled, a decision about something else is asked for anew, once.
 */

const DECIDES = /^(piece|reason-\d+|instead)$/;
let asked = "";
let unfolded = false;

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

// What she has unfolded since she asked stays so when the answer comes.
document.addEventListener("htmx:beforeSwap", () => {
  unfolded = document.getElementById("overrule")?.open ?? false;
});
document.addEventListener("htmx:afterSwap", () => {
  const overrule = document.getElementById("overrule");
  if (overrule && unfolded) overrule.open = true;
});

document.addEventListener("htmx:afterSettle", () => {
  const choosing = place();
  if (!choosing) return;
  const now = chosen(choosing.closest("form"));
  const isDrawn = choosing.querySelector("[data-drawn]").dataset.drawn === now;
  if (!isDrawn && asked === now) ask(choosing);
});
