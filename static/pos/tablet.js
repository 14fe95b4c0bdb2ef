/* Tells the portal that this tablet lives and whether its sound is on, so that head office sees a shop which cannot hear. */

const root = document.documentElement;
const EVERY = 30_000; // accounts/tablets.py takes 90 seconds of silence for sleep
const ANSWER_AT_MOST = 10_000;
const MEMORY = "tablet";
const SOUNDS = "tablet-sounds"; // when a page of this tablet, in whichever tab, last had its sound on
const SOUNDS_FOR = 45_000;
const address = document.querySelector("script[data-report-url]")?.dataset.reportUrl;
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

/* As crypto.randomUUID, which browsers have only over TLS. */
function newNumber() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* A second tab that nobody has touched does not make the tablet deaf. */
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
  if (!facts || !address) return;
  told = facts;
  try {
    await fetch(address, {
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
