/* Without a network the page says so, stays readable, and keeps picks until they are sent. Each pick has a number from the
 * start, so that one whose answer was lost can be sent again and is applied once. Everything else waits for the network.
 */

import { guard, isNoAnswer } from "./answers.js";
import { canonical } from "./codes.js";
import { clock } from "./live.js";
import { change, drop, keep, kept, newNumber } from "./taps-kept.js";

const root = document.documentElement;
const own = document.querySelector("script[data-worker]");
const MAY_WAIT = /^\/pos\/(?:orders\/(\d+)\/(?:scan|pieces\/(\d+)\/pick)|batch\/scan)\/(?:\?|$)/;
const MUST_NOT_WAIT = 'form[action$="/deliver/"], form[action$="/finish/"], form[data-needs-network]';
const ANSWER_WITHIN = 8_000;
const LOOK_EVERY = 3_000;
const IDLE = Number(own.dataset.idle) * 1000; // so long may a person be gone who gave their PIN

let lostSince = 0;
let lostAt = 0; // when it was last seen to be lost; what was asked before that proves nothing
let sending = false;
let looking = false;
let touchedAt = Date.now();
let leftAlone = false; // longer than that

const template = (name) => document.getElementById(name).content.firstElementChild.cloneNode(true);
const topbar = () => document.getElementById("topbar");
const waiting = () => kept().filter((tap) => !tap.why);

// What is sent by htmx

document.addEventListener(
  "htmx:configRequest",
  ({ detail }) => {
    if (!mayWait(detail)) return;
    detail.parameters.tap = newNumber();
    detail.timeout = ANSWER_WITHIN;
  },
  true,
);

// Also while older ones wait: they are sent in order.
document.addEventListener(
  "htmx:beforeRequest",
  (event) => {
    const request = event.detail.requestConfig;
    if (!mayWait(request) || !(lostSince || waiting().length) || !remember(request, false)) return;
    event.preventDefault();
    if (!lostSince) flush();
  },
  true,
);

for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, noAnswer, true);
document.addEventListener("htmx:responseError", (event) => isNoAnswer(event.detail.xhr) && noAnswer(event), true);
guard(({ requestConfig, xhr }) => mayWait(requestConfig) && isNoAnswer(xhr));
// Requested again, because this answer may be from before the network was lost.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (lostSince && detail.xhr.status && !isNoAnswer(detail.xhr)) look();
});

function mayWait(request) {
  return request?.verb === "post" && MAY_WAIT.test(request.path);
}

function noAnswer(event) {
  lose();
  const request = event.detail.requestConfig;
  // The page need not say that it failed: it is kept.
  if (mayWait(request) && remember(request, true)) event.stopPropagation();
}

/* False when it cannot be kept. What was sent already is sent again unchanged, because it may have been applied. */
function remember({ path, parameters }, wasSent) {
  const bar = topbar()?.dataset ?? {};
  if (!bar.person) return false;
  if (leftAlone && "byPin" in bar) {
    document.getElementById("refusal").replaceChildren(template("say-who-first"));
    return true; // nobody knows who tapped
  }
  const [, order, line] = path.match(MAY_WAIT);
  const code = parameters.code?.trim() ?? "";
  const piece = line ? document.getElementById(`piece-${line}`) : order || !wasSent ? pieceOf(code) : null;
  const basket = piece && basketOf(piece);
  const tap = {
    tap: parameters.tap,
    // Without network it is the page that says which basket of a walk gets the piece.
    address: !order && basket ? `/pos/orders/${basket.order}/scan/` : path,
    code,
    order: order ?? basket?.order ?? "",
    orderNo: (basket ?? document.querySelector(".order h1 .order-no"))?.textContent ?? "",
    line: line ?? piece?.id.slice("piece-".length) ?? "",
    piece: piece ? wordsOf(piece) : "",
    person: bar.person,
    name: bar.name ?? "",
  };
  if (!keep(tap)) return false;
  sound(piece || wasSent ? "right" : "wrong");
  paint();
  restoreFocus();
  return true;
}

/* The next piece on this page that the code names; those that wait already are taken. An Ean comes before a VariantId. */
function pieceOf(code) {
  const taken = new Set(waiting().map((tap) => tap.line));
  const wanted = canonical(code);
  const names = [...document.querySelectorAll("li.piece .name[id]")];
  const withEan = names.filter((piece) => piece.dataset.eans.split(" ").includes(wanted));
  const named = withEan.length ? withEan : names.filter((piece) => canonical(piece.dataset.variant) === wanted);
  return named.find(
    (piece) => !taken.has(piece.id.slice("piece-".length)) && piece.closest("li.reserved, li.missing"),
  );
}

/* The order of a piece of a walk, by the list of baskets; null on the page of one order. */
function basketOf(piece) {
  const orderNo = piece.closest("li.piece").querySelector(".basket")?.title;
  const links = orderNo ? [...document.querySelectorAll(".baskets a")] : [];
  const link = links.find((one) => one.querySelector(".order-no")?.textContent === orderNo);
  return link ? { order: link.pathname.match(/\/orders\/(\d+)\//)[1], textContent: orderNo } : null;
}

function sound(kind) {
  document.body.dispatchEvent(new CustomEvent("portal:sound", { bubbles: true, detail: { kind } }));
}

function wordsOf(piece) {
  const words = [...piece.querySelectorAll("strong, .look span")].map((part) => part.textContent.trim());
  return words.join(" ");
}

function restoreFocus() {
  if (document.activeElement === document.body) (document.getElementById("code") ?? document.getElementById("live")).focus();
}

// Gone, and back

function lose() {
  lostAt = Date.now();
  lostSince ||= lostAt;
  paint();
}

function reached() {
  if (lostSince) {
    lostSince = 0;
    paint();
  }
  flush();
}

async function look() {
  if (looking) return;
  looking = true;
  const asked = Date.now();
  try {
    const answer = await fetch(own.dataset.alive, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_WITHIN) });
    if (!answer.ok) lose();
    else if (asked > lostAt) reached();
  } catch {
    lose();
  }
  looking = false;
}

// Sending what waited

async function flush() {
  if (sending || lostSince || !waiting().length) return;
  sending = true;
  try {
    // One page of the tablet at a time, where the browser can tell them apart.
    if (navigator.locks) await navigator.locks.request("portal-taps", sendAll);
    else await sendAll();
  } finally {
    sending = false;
  }
  paint();
  document.body.dispatchEvent(new CustomEvent("portal:changed", { bubbles: true }));
}

async function sendAll() {
  for (const tap of waiting()) {
    if (!(await send(tap))) return;
    list();
  }
}

/* True when the portal has decided about it. */
async function send(tap) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "");
  for (const [name, value] of Object.entries({ tap: tap.tap, as: tap.person, code: tap.code })) body.set(name, value);
  let answer;
  try {
    answer = await fetch(tap.address, {
      method: "POST",
      body,
      headers: { "HX-Request": "true" },
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
  } catch {
    lose();
    return false;
  }
  const refusal = answer.headers.get("X-Refusal");
  if (answer.headers.get("HX-Redirect")) {
    location.reload(); // to the login, and back
    return false;
  }
  if (answer.ok || answer.type === "opaqueredirect") {
    drop(tap);
    return true;
  }
  if (answer.status >= 500 || refusal === "stale-form") return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const why = page.querySelector("#refusal-text span")?.textContent.trim() || template("order-gone").textContent;
  change(tap, { why, waits: refusal === "not-known-here" });
  return true;
}

// What the person sees

function paint() {
  root.dataset.network = lostSince ? "lost" : "there";
  const words = document.querySelector("#network .words");
  if (lostSince && !words.firstChild) {
    const said = template("network-lost");
    said.querySelector("time").textContent = clock(lostSince);
    words.replaceChildren(said);
  } else if (!lostSince && words.firstChild) words.replaceChildren();
  list();
  markPieces();
  holdBack();
}

function list() {
  const taps = kept();
  show(document.querySelector("#network .unsent"), taps.filter((tap) => !tap.why));
  show(document.querySelector("#network .refused"), taps.filter((tap) => tap.why));
}

function show(section, taps) {
  section.hidden = taps.length === 0;
  const text = JSON.stringify(taps);
  if (section.dataset.shown === text) return; // said once
  section.dataset.shown = text;
  section.querySelector("ul").replaceChildren(...taps.map(rowOf));
}

function rowOf(tap) {
  const row = template("network-row");
  row.querySelector(".what").textContent = [tap.orderNo, tap.piece || tap.code, tap.name].filter(Boolean).join(" · ");
  row.querySelector(".why").textContent = tap.why ?? (tap.piece ? "" : template("not-on-page").textContent);
  row.querySelector(".who-link").hidden = !tap.waits;
  const button = row.querySelector("[data-drop]");
  button.hidden = !tap.why;
  button.addEventListener("click", () => {
    drop(tap);
    paint();
  });
  return row;
}

/* Until the portal has confirmed it; then the page's own refresh shows the truth. */
function markPieces() {
  const taps = kept();
  for (const piece of document.querySelectorAll("li.piece .name[id]")) {
    const mine = taps.find((tap) => `piece-${tap.line}` === piece.id);
    const row = piece.closest("li.piece");
    const mark = row.querySelector(".not-sent");
    if (mine && !mine.why && !mark) {
      row.classList.add("unsent");
      row.querySelector(".state").prepend(template("not-sent-yet"));
      for (const button of row.querySelectorAll(".taps button")) hold(button);
    } else if (mine?.why && mark) {
      row.classList.remove("unsent");
      mark.remove();
      for (const button of row.querySelectorAll(".taps button")) release(button);
    }
  }
}

function holdBack() {
  const orders = new Set(waiting().map((tap) => tap.order));
  for (const form of document.querySelectorAll(MUST_NOT_WAIT)) {
    const order = form.getAttribute("action").match(/orders\/(\d+)\//)?.[1];
    const held = lostSince || (order ? orders.has(order) : orders.size);
    const sentence = form.querySelector(".needs-network");
    if (held && !sentence && form.matches(".next")) form.prepend(template("needs-network"));
    else if (!held) sentence?.remove();
    for (const button of form.querySelectorAll("button")) held ? hold(button) : release(button);
  }
}

function hold(button) {
  if (button.disabled) return;
  button.disabled = true;
  button.dataset.heldBack = "";
}

function release(button) {
  if (!("heldBack" in button.dataset)) return;
  button.disabled = false;
  delete button.dataset.heldBack;
}

function touched() {
  if (Date.now() - touchedAt >= IDLE) leftAlone = true;
  touchedAt = Date.now();
}

function start() {
  // Who was not known here may be by now.
  for (const tap of kept()) if (tap.waits) change({ ...tap, why: undefined, waits: undefined }, {});
  addEventListener("offline", lose);
  addEventListener("online", look);
  addEventListener("storage", paint);
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, touched, true);
  for (const name of ["htmx:afterSwap", "htmx:afterSettle"]) document.addEventListener(name, paint);
  // The stream of live.js notices at once that the connection is lost, and when it is back.
  new MutationObserver(look).observe(root, { attributeFilter: ["data-live"] });
  setInterval(() => (lostSince || root.dataset.live !== "live" ? look() : flush()), LOOK_EVERY);
  navigator.serviceWorker?.register(own.dataset.worker).catch(() => {});
  if (navigator.onLine) flush();
  else lose();
  paint();
}

if (document.getElementById("network")) start();
