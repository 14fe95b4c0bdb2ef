/* The second tap of a double tap is meant for the old button, not for the one that replaced it: after an action the middle
 * of the page takes no tap for a moment. Picks go on at once, except the last one, below which the next step appears.
 */

const REST = 500; // ms, longer than the pause within a double tap

const root = document.documentElement;
let over = 0;

function rest() {
  root.dataset.rests = "";
  clearTimeout(over);
  over = setTimeout(() => delete root.dataset.rests, REST);
}

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const { verb, elt } = detail.requestConfig ?? {};
  if (verb !== "post" || detail.target.id !== "live" || elt.matches("form.scan")) return; // a refusal replaces nothing
  if (!elt.matches("form[data-action='pick']") || document.querySelector("#live form.next")) rest();
});
