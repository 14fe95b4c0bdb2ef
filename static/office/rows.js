/* Keys of the list of orders: / searches, j and k go down and up, Enter opens (it is a link), x chooses. */

const TYPED_INTO = "input:not([type='checkbox'], [type='radio']), select, textarea";

const rows = () => [...document.querySelectorAll(".listed tbody .order-no")];

const go = (step) => {
  const links = rows();
  const here = links.indexOf(document.activeElement?.closest("tr")?.querySelector(".order-no"));
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step;
  links[Math.max(0, Math.min(links.length - 1, next))]?.focus();
};

const KEYS = {
  "/": () => {
    const field = document.getElementById("q");
    field?.focus();
    field?.select();
  },
  j: () => go(1),
  k: () => go(-1),
  x: () => document.activeElement?.closest("tr")?.querySelector("[name='order']")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!KEYS[event.key] || event.target.closest?.(TYPED_INTO)) return;
  event.preventDefault();
  KEYS[event.key]();
});
