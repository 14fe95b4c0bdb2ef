/* The tablet's ear: hears that something changed in the shop, lets the page ask what, and says when it is deaf.
 *
 * The page gives `data-live-url` (on body, or on #topbar) and `#topbar` with `data-new`. It gets `portal:changed` on body,
 * `<html data-live="connecting|live|lost" data-live-since="HH:MM">` and the count in its title.
 */

const root = document.documentElement;
const WAITS = [1, 2, 5, 10].map(seconds);
const LOST_AFTER = seconds(10);
const OPENING_AT_MOST = seconds(12);
const SILENT_AT_MOST = seconds(40); // the server pings every 15
const ASLEEP_AFTER = seconds(15); // between two ticks that should be one second apart
const FRESH = seconds(5);
const SETTLES_WITHIN = seconds(1);
const ANSWER_AT_MOST = seconds(10);
const PRESS_AT_MOST = seconds(2);
const REFRESHES = "[hx-trigger*='portal:changed'], [data-hx-trigger*='portal:changed']";

let source = null;
let url = "";
let heardAt = 0; // when the server last said anything
let openedAt = 0;
let deafSince = Date.now();
let failures = 0;
let retry = 0;
let tickedAt = Date.now();
let badge = 0;
let askAgainAt = 0;
let missed = false; // the page could not ask when something changed, or was not answered
let pressedAt = 0; // a finger is on the screen
let swappedAt = 0; // until htmx has settled, what it swapped in does not listen yet
const requests = new Map(); // what htmx has sent and is not done with, by element

function seconds(number) {
  return number * 1000;
}

// The stream

function open() {
  clearTimeout(retry);
  source?.close();
  source = null;
  url = document.querySelector("[data-live-url]")?.dataset.liveUrl ?? "";
  if (!url) return;
  openedAt = Date.now();
  const opened = new EventSource(url);
  const only = (react) => () => opened === source && react();
  opened.addEventListener("hello", only(hello));
  opened.addEventListener("changed", only(changed));
  opened.addEventListener("ping", only(heard));
  opened.addEventListener("bye", only(refused));
  // While it is CONNECTING the browser tries again by itself; CLOSED means that the server said no.
  opened.addEventListener("error", only(failed));
  source = opened;
  show();

  function failed() {
    openedAt = Date.now();
    deaf();
    if (opened.readyState === EventSource.CLOSED) refused();
  }
}

function hello() {
  failures = 0;
  changed();
}

function changed() {
  heard();
  tellThePage();
}

function heard() {
  heardAt = Date.now();
  deafSince = 0;
  show();
}

function deaf() {
  deafSince ||= Date.now();
  show();
}

function refused() {
  source?.close();
  source = null;
  deaf();
  clearTimeout(retry);
  const wait = WAITS[Math.min(failures, WAITS.length - 1)];
  failures += 1;
  // A little chance, so that all tablets of a chain do not come back in the same moment.
  retry = setTimeout(open, wait * (1 + Math.random() / 4));
  showTheLoginWhenItIsDue();
}

async function showTheLoginWhenItIsDue() {
  try {
    const page = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
    if (page.redirected && new URL(page.url).pathname === "/login/") location.reload();
  } catch {
    // No network: the stream is tried again anyway.
  }
}

// What the page is told

function tellThePage() {
  missed = Date.now() - swappedAt < SETTLES_WITHIN;
  for (const [element, request] of requests) {
    if (Date.now() - request.since < ANSWER_AT_MOST) {
      // A refresh on its way may be older than this news, and htmx forgets the next one of an element that is
      // swapped away; what the person did herself is answered first.
      missed = true;
    } else {
      // Sent before the tablet slept or lost its network; nobody will answer.
      requests.delete(element);
      if (request.refresh) element.dispatchEvent(new CustomEvent("htmx:abort"));
    }
  }
  if (!missed) document.body.dispatchEvent(new CustomEvent("portal:changed", { bubbles: true }));
}

function sent({ detail }) {
  const element = detail.requestConfig.elt;
  requests.set(element, { since: Date.now(), refresh: element.matches(REFRESHES), answered: false });
}

function beforeSwap({ detail }) {
  if (!detail.shouldSwap || !requests.get(detail.requestConfig?.elt)?.refresh) return;
  const own = [...requests.values()].some((request) => !request.refresh && !request.answered);
  const finger = Date.now() - pressedAt < PRESS_AT_MOST;
  const trouble = detail.xhr.status >= 500 || !detail.serverResponse.includes('id="live"');
  // A refresh must not take the button away that is being pressed, for then it is no tap, or whose answer is
  // still to come; and what a server or a proxy says in its trouble must not replace the page.
  if (!own && !finger && !trouble) return;
  detail.shouldSwap = false;
  askAgain(trouble ? FRESH : 0);
}

function askAgain(wait) {
  missed = true;
  askAgainAt = Date.now() + wait;
}

function answered({ detail }) {
  const element = detail.requestConfig.elt;
  const request = requests.get(element);
  if (!request) return;
  request.answered = true;
  if (request.refresh && !detail.successful) askAgain(FRESH);
  if (element.isConnected) requests.delete(element); // else its successor hears only once htmx has settled
}

function swapped() {
  swappedAt = Date.now();
}

function settled({ detail }) {
  swappedAt = 0;
  for (const [element, request] of requests) {
    if (element.isConnected) continue;
    requests.delete(element);
    // Another swap took the element away, and with it the answer.
    if (!request.answered && element !== detail.requestConfig?.elt) missed = true;
  }
  if (missed) tellThePage();
}

function pressed() {
  pressedAt = Date.now();
}

function released() {
  pressedAt = 0;
  setTimeout(() => missed && Date.now() >= askAgainAt && tellThePage()); // after the click
}

// What the person sees

function show() {
  const state = !deafSince ? "live" : Date.now() - deafSince > LOST_AFTER ? "lost" : "connecting";
  if (root.dataset.live !== state) root.dataset.live = state;
  if (state === "lost") root.dataset.liveSince = clock(deafSince);
  else delete root.dataset.liveSince;
  writeSince();
}

function writeSince() {
  const since = root.dataset.liveSince ?? "";
  for (const time of document.querySelectorAll("time[data-live-since]")) {
    if (time.textContent !== since) time.textContent = since;
  }
}

function clock(moment) {
  const date = new Date(moment);
  return [date.getHours(), date.getMinutes()].map((number) => String(number).padStart(2, "0")).join(":");
}

function count() {
  const bar = document.getElementById("topbar");
  const number = Number(bar?.dataset.new) || 0;
  const bare = document.title.replace(/^\(\d+\) /, "") || bar?.dataset.title || "";
  const title = number > 0 ? `(${number}) ${bare}` : bare;
  if (document.title !== title) document.title = title;
  if (badge === number) return;
  badge = number;
  (number > 0 ? navigator.setAppBadge?.(number) : navigator.clearAppBadge?.())?.catch(() => {});
}

function pageChanged() {
  count();
  writeSince();
  const wanted = document.querySelector("[data-live-url]")?.dataset.liveUrl ?? "";
  if (wanted !== url) open();
}

// Sleep, networks, and leaving

function wake() {
  if (Date.now() - heardAt < FRESH) tellThePage();
  else open();
}

function tick() {
  const now = Date.now();
  const slept = now - tickedAt > ASLEEP_AFTER && !document.hidden; // timers of hidden pages are slow
  tickedAt = now;
  if (slept) return wake();
  if (source && !deafSince && now - heardAt > SILENT_AT_MOST) {
    deaf();
    open();
  } else if (source && deafSince && now - openedAt > OPENING_AT_MOST) {
    open();
  }
  if (missed && now >= askAgainAt) tellThePage();
  show();
}

function start() {
  addEventListener("online", wake);
  addEventListener("offline", () => {
    heardAt = 0;
    deaf();
  });
  addEventListener("pointerdown", pressed, true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, released, true);
  addEventListener("pageshow", (event) => event.persisted && wake());
  addEventListener("pagehide", () => {
    clearTimeout(retry);
    source?.close();
    source = null;
    heardAt = 0;
    deafSince ||= Date.now();
  });
  document.addEventListener("visibilitychange", () => !document.hidden && wake());
  document.addEventListener("htmx:beforeSend", sent);
  document.addEventListener("htmx:beforeSwap", beforeSwap);
  document.addEventListener("htmx:afterRequest", answered);
  document.addEventListener("htmx:afterSwap", swapped);
  document.addEventListener("htmx:afterSettle", settled);
  new MutationObserver(pageChanged).observe(root, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ["data-new", "data-live-url"],
  });
  setInterval(tick, seconds(1));
  open();
  count();
}

// Whatever loads this file twice in one page: one ear is enough.
if (!root.dataset.live) {
  root.dataset.live = "connecting";
  // htmx listens from then on.
  if (document.readyState === "complete") start();
  else document.addEventListener("DOMContentLoaded", start);
}
