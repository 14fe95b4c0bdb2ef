/* Refreshes the page when something has changed in the shop: at once, or as soon as it would not replace what a finger is
 * pressing. Elements of the page listen to `portal:changed` on body.
 */

import { asksAnew, guard, isRefresh } from "./answers.js";

const FRESH = 5_000;
const SETTLES_WITHIN = 1_000;
const ANSWER_AT_MOST = 10_000;
const PRESS_AT_MOST = 2_000;

const requests = new Map(); // what htmx has sent and is not done with, by element
const state = {
  missed: false, // the page could not ask when something changed, or was not answered
  askAgainAt: 0,
  pressedAt: 0, // a finger is on the screen
  swappedAt: 0, // until htmx has settled, what it swapped in does not listen yet
};

export function refresh() {
  state.missed = Date.now() - state.swappedAt < SETTLES_WITHIN;
  for (const [element, request] of requests) {
    if (Date.now() - request.since < ANSWER_AT_MOST) {
      // A refresh on its way may be older than this news, and htmx forgets the next one of an element that is
      // swapped away; what the person did is answered first.
      state.missed = true;
    } else {
      // Sent before the tablet slept or lost its network; nobody will answer.
      requests.delete(element);
      if (request.refresh) element.dispatchEvent(new CustomEvent("htmx:abort"));
    }
  }
  if (!state.missed) document.body.dispatchEvent(new CustomEvent("portal:changed", { bubbles: true }));
}

export function refreshIfMissed() {
  if (state.missed && Date.now() >= state.askAgainAt) refresh();
}

function askAgain(wait) {
  state.missed = true;
  state.askAgainAt = Date.now() + wait;
}

// A refresh must not take the button away that is being pressed, for then it is no tap, or whose answer is
// still to come; and what a server or a proxy says in its trouble must not replace the page.
guard((detail) => {
  if (!isRefresh(detail)) return false;
  const own = [...requests.values()].some((request) => !request.refresh && !request.answered);
  const finger = Date.now() - state.pressedAt < PRESS_AT_MOST;
  const part = `id="${detail.target.id}"`;
  const trouble = detail.xhr.status >= 500 || !detail.serverResponse.includes(part);
  if (!own && !finger && !trouble) return false;
  askAgain(trouble ? FRESH : 0);
  return true;
});

document.addEventListener("htmx:beforeSend", ({ detail }) => {
  const element = detail.requestConfig.elt;
  requests.set(element, { since: Date.now(), refresh: asksAnew(element), answered: false });
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const element = detail.requestConfig.elt;
  const request = requests.get(element);
  if (!request) return;
  request.answered = true;
  if (request.refresh && !detail.successful) askAgain(FRESH);
  if (element.isConnected) requests.delete(element); // else its successor hears only once htmx has settled
});

document.addEventListener("htmx:afterSwap", () => {
  state.swappedAt = Date.now();
});

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  state.swappedAt = 0;
  for (const [element, request] of requests) {
    if (element.isConnected) continue;
    requests.delete(element);
    // Another swap took the element away, and with it the answer.
    if (!request.answered && element !== detail.requestConfig?.elt) state.missed = true;
  }
  if (state.missed) refresh();
});

function released() {
  state.pressedAt = 0;
  setTimeout(refreshIfMissed); // after the click
}

addEventListener("pointerdown", () => (state.pressedAt = Date.now()), true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, released, true);
