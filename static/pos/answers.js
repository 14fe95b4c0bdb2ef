/* What the scripts of the page decide about htmx's answers: what one is, whether it is swapped in, and what is carried
 * across the swap. No other script listens to `htmx:beforeSwap`, so that they cannot disagree by the order in which they
 * are loaded: every guard is asked first, and only of an answer that none holds back is anything remembered.
 */

const REFRESHES = "[hx-trigger*='every '], [data-hx-trigger*='every ']"; // the whole page, or a part of it

const guards = [];
const carriers = [];
const carried = new WeakMap(); // what each carrier has remembered, by the answer's xhr

/* The page asked by itself: what a person has begun outlives the answer. */
export function isRefresh(detail) {
  return asksAnew(detail.requestConfig?.elt);
}

export function asksAnew(element) {
  return element?.matches?.(REFRESHES) ?? false;
}

/* The portal itself has refused, and says why. */
export function isRefusal(xhr) {
  return xhr.getResponseHeader("X-Refusal") !== null;
}

/* A proxy speaks, and not the portal. */
export function isNoAnswer(xhr) {
  return [502, 503, 504].includes(xhr.status) && !isRefusal(xhr);
}

/* `holdsBack(detail)` is true when this answer must not be swapped in. */
export function guard(holdsBack) {
  guards.push(holdsBack);
}

/* `restore` gets what `remember` gave, once, as soon as the answer is in the page. */
export function carry(remember, restore) {
  carriers.push({ remember, restore });
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.shouldSwap) return;
  // All of them, for each notes for itself that it must ask again.
  if (guards.filter((holdsBack) => holdsBack(detail)).length) detail.shouldSwap = false;
  else carried.set(detail.xhr, carriers.map(({ remember, restore }) => [restore, remember(detail)]));
});

// Before htmx settles: a scanner types the next character, and a finger finds the next place, sooner.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const all = carried.get(detail.xhr) ?? [];
  carried.delete(detail.xhr); // htmx tells it of each element that it swapped in
  for (const [restore, memory] of all) restore(memory, detail);
});
