/* Reports that this tablet is on and whether its sound is, so that head office sees shops in which no tablet would sound. */

import { newNumber } from "./taps-kept.js";

const root = document.documentElement;
const own = document.querySelector("script[data-report-url]");
const EVERY = Number(own.dataset.every) * 1000;
const ANSWER_AT_MOST = 10_000;
const MEMORY = "tablet";
const SOUNDS = "tablet-sounds"; // when a page of this tablet, in whichever tab, last had its sound on
const SOUNDS_FOR = Number(own.dataset.soundsFor) * 1000;
const number = numberOfThisTablet();
let told = "";
let sounded = false;

function numberOfThisTablet() {
  const known = remembered(MEMORY) || newNumber();
  remember(MEMORY, known);
  return known;
}

function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // The browser keeps nothing: a new tablet with each page.
  }
}

function remember(name, text) {
  try {
    if (text === null) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
  } catch {
    // As above.
  }
}

/* A second tab that nobody has touched does not count as a silent tablet. */
function sound() {
  const on = root.dataset.sound === "on";
  if (on) remember(SOUNDS, String(Date.now()));
  else if (sounded) remember(SOUNDS, null);
  sounded = on;
  return on || Date.now() - Number(remembered(SOUNDS)) < SOUNDS_FOR ? "on" : "locked";
}

function state() {
  const shop = document.getElementById("topbar")?.dataset.shop ?? "";
  return shop && new URLSearchParams({ shop, number, sound: sound() }).toString();
}

async function report() {
  const facts = state();
  if (!facts) return;
  told = facts;
  try {
    await fetch(own.dataset.reportUrl, {
      method: "POST",
      body: new URLSearchParams(facts),
      // Of the cookie: the page's own is stale after a log-in in another tab.
      headers: { "X-CSRFToken": document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "" },
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_AT_MOST),
    });
  } catch {
    // No network: the lamp says so, and the next report is soon.
  }
}

function reportChange() {
  if (state() !== told) report();
}

new MutationObserver(reportChange).observe(root, { attributeFilter: ["data-sound"] });
new MutationObserver(reportChange).observe(document.body, {
  subtree: true,
  childList: true,
  attributeFilter: ["data-shop"],
});
document.addEventListener("visibilitychange", () => document.hidden || report());
addEventListener("online", report);
addEventListener("pagehide", () => sounded && remember(SOUNDS, null));
setInterval(report, EVERY);
report();
