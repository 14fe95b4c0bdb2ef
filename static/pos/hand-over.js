/* The signature of the hand-over: strokes of a finger become a path such as `M12 80l5 -3`, in the units of the canvas (its
 * width and height attributes) on every screen.
 *
 * They are kept here, not in the page: a refresh brings a new, empty field, and a refusal must not cost a signature.
 */

import { guard, isRefresh } from "./answers.js";

const LAST_STROKE = 1_000; // characters: what began below the most that the portal takes may still be ended
let owner = ""; // the form's address
let path = "";
let last = null;
let missed = false; // a refresh came while a finger was drawing

const field = () => document.querySelector("form.hand-over .signature");

function show() {
  const place = field();
  if (!place) {
    forget("");
    return;
  }
  const address = place.closest("form").getAttribute("action");
  if (address !== owner) forget(address);
  place.hidden = false;
  place.querySelector("input").value = path;
  draw(place.querySelector("canvas"));
}

function forget(address) {
  [owner, path, last] = [address, "", null];
}

function draw(canvas) {
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.lineWidth = 3;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = getComputedStyle(canvas).color;
  pen.stroke(new Path2D(path));
}

function pointOf({ clientX, clientY }, canvas) {
  const box = canvas.getBoundingClientRect();
  const inside = (part, length, size) => Math.round(Math.min(Math.max(part / length, 0), 1) * (size - 1));
  return [inside(clientX - box.left, box.width, canvas.width), inside(clientY - box.top, box.height, canvas.height)];
}

function isCanvas(target) {
  return target.matches?.("form.hand-over .signature canvas");
}

document.addEventListener("pointerdown", (event) => {
  if (!isCanvas(event.target) || last) return;
  event.target.setPointerCapture(event.pointerId);
  last = pointOf(event, event.target);
  path += `M${last.join(" ")}`;
});

document.addEventListener("pointermove", (event) => {
  if (!last || !isCanvas(event.target)) return;
  const point = pointOf(event, event.target);
  const step = [point[0] - last[0], point[1] - last[1]];
  const longest = Number(field().dataset.longest) - LAST_STROKE;
  if ((!step[0] && !step[1]) || path.length > longest) return;
  path += `l${step.join(" ")}`;
  last = point;
  show();
});

for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => {
    if (!last) return;
    last = null;
    show();
    if (missed) document.body.dispatchEvent(new CustomEvent("portal:changed", { bubbles: true }));
    missed = false;
  });
}

document.addEventListener("click", (event) => {
  if (!event.target.closest?.(".signature [data-clear]")) return;
  path = "";
  show();
});

// A swap during a stroke would cut it in two: the refresh is requested again after the stroke.
guard((detail) => {
  if (!last || !isRefresh(detail)) return false;
  missed = true;
  return true;
});
document.addEventListener("htmx:afterSwap", show);

// The next scan must not be typed behind a code that was refused.
document.addEventListener("htmx:afterRequest", (event) => {
  const code = document.getElementById("pickup-code");
  if (!code || event.detail.successful || !event.detail.requestConfig?.elt?.matches?.("form.hand-over")) return;
  code.value = "";
  code.focus({ preventScroll: true });
});
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", show);
else show();
