/* The stream of the shop's events: when something changed the page asks what, and it shows when the stream is lost.
 *
 * The page gives `data-live-url` (on body, or on #topbar) and `#topbar` with `data-new`. It gets `portal:changed` on body,
 * `<html data-live="connecting|live|lost" data-live-since="HH:MM">` and the count in its title.
 */

import { refresh, refreshIfMissed } from "./refresh.js";

const root = document.documentElement;
const WAITS = [1, 2, 5, 10].map(seconds);
const LOST_AFTER = seconds(10);
const OPENING_AT_MOST = seconds(12);
const SILENT_AT_MOST = seconds(Number(document.querySelector("script[data-silence]").dataset.silence));
const ASLEEP_AFTER = seconds(15); // between two ticks that should be one second apart
const FRESH = seconds(5);

const state = {
  source: null,
  url: "",
  lastEventAt: 0, // when the server last said anything
  openedAt: 0,
  lostSince: Date.now(),
  failures: 0,
  retry: 0,
  tickedAt: Date.now(),
  badge: 0,
};

function seconds(number) {
  return number * 1000;
}

// The stream

function open() {
  clearTimeout(state.retry);
  state.source?.close();
  state.source = null;
  state.url = document.querySelector("[data-live-url]")?.dataset.liveUrl ?? "";
  if (!state.url) return;
  state.openedAt = Date.now();
  const opened = new EventSource(state.url);
  const only = (react) => () => opened === state.source && react();
  opened.addEventListener("hello", only(hello));
  opened.addEventListener("changed", only(changed));
  opened.addEventListener("ping", only(noteEvent));
  opened.addEventListener("bye", only(refused));
  // While it is CONNECTING the browser tries again by itself; CLOSED means that the server refused.
  opened.addEventListener("error", only(failed));
  state.source = opened;
  show();

  function failed() {
    state.openedAt = Date.now();
    streamLost();
    if (opened.readyState === EventSource.CLOSED) refused();
  }
}

function hello() {
  state.failures = 0;
  changed();
}

function changed() {
  noteEvent();
  refresh();
}

function noteEvent() {
  state.lastEventAt = Date.now();
  state.lostSince = 0;
  show();
}

function streamLost() {
  state.lostSince ||= Date.now();
  show();
}

function refused() {
  state.source?.close();
  state.source = null;
  streamLost();
  clearTimeout(state.retry);
  const wait = WAITS[Math.min(state.failures, WAITS.length - 1)];
  state.failures += 1;
  // Random, so that not all tablets of a chain come back at the same time.
  state.retry = setTimeout(open, wait * (1 + Math.random() / 4));
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

// What the person sees

function show() {
  const isLost = state.lostSince && Date.now() - state.lostSince > LOST_AFTER;
  const shown = !state.lostSince ? "live" : isLost ? "lost" : "connecting";
  if (root.dataset.live !== shown) root.dataset.live = shown;
  if (isLost) root.dataset.liveSince = clock(state.lostSince);
  else delete root.dataset.liveSince;
  writeSince();
}

function writeSince() {
  const since = root.dataset.liveSince ?? "";
  for (const time of document.querySelectorAll("time[data-live-since]")) {
    if (time.textContent !== since) time.textContent = since;
  }
}

export function clock(moment) {
  const date = new Date(moment);
  return [date.getHours(), date.getMinutes()].map((number) => String(number).padStart(2, "0")).join(":");
}

function count() {
  const bar = document.getElementById("topbar");
  const number = Number(bar?.dataset.new) || 0;
  const bare = document.title.replace(/^\(\d+\) /, "") || bar?.dataset.title || "";
  const title = number > 0 ? `(${number}) ${bare}` : bare;
  if (document.title !== title) document.title = title;
  if (state.badge === number) return;
  state.badge = number;
  (number > 0 ? navigator.setAppBadge?.(number) : navigator.clearAppBadge?.())?.catch(() => {});
}

function pageChanged() {
  count();
  writeSince();
  const wanted = document.querySelector("[data-live-url]")?.dataset.liveUrl ?? "";
  if (wanted !== state.url) open();
}

// Sleep, networks, and leaving

function wake() {
  if (Date.now() - state.lastEventAt < FRESH) refresh();
  else open();
}

function tick() {
  const now = Date.now();
  const slept = now - state.tickedAt > ASLEEP_AFTER && !document.hidden; // timers of hidden pages are slow
  state.tickedAt = now;
  if (slept) return wake();
  if (state.source && !state.lostSince && now - state.lastEventAt > SILENT_AT_MOST) {
    streamLost();
    open();
  } else if (state.source && state.lostSince && now - state.openedAt > OPENING_AT_MOST) {
    open();
  }
  refreshIfMissed();
  show();
}

function start() {
  addEventListener("online", wake);
  addEventListener("offline", () => {
    state.lastEventAt = 0;
    streamLost();
  });
  addEventListener("pageshow", (event) => event.persisted && wake());
  addEventListener("pagehide", () => {
    clearTimeout(state.retry);
    state.source?.close();
    state.source = null;
    state.lastEventAt = 0;
    state.lostSince ||= Date.now();
  });
  document.addEventListener("visibilitychange", () => !document.hidden && wake());
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

// The file may be loaded twice in one page: one stream is enough.
if (!root.dataset.live) {
  root.dataset.live = "connecting";
  // htmx listens from then on.
  if (document.readyState === "complete") start();
  else document.addEventListener("DOMContentLoaded", start);
}
