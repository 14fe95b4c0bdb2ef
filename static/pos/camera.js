/* The tablet's camera as a scanner, where the browser can read codes itself. It asks for the camera only when somebody
 * taps the button, puts the code into the scan form as a hand scanner would, and releases the camera. */

const LOOK_EVERY = 150; // ms
const WANTED = ["ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf", "qr_code"];

let detector = null;
let stream = null;
let dialog = null;
let opener = "";

async function begin() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return;
  const known = await window.BarcodeDetector.getSupportedFormats();
  const formats = WANTED.filter((format) => known.includes(format));
  if (!formats.length) return;
  detector = new window.BarcodeDetector({ formats });
  document.addEventListener("click", (event) => event.target.closest("[data-camera]") && open());
  document.addEventListener("htmx:afterSwap", offer);
  offer();
}

function offer() {
  for (const button of document.querySelectorAll("[data-camera]")) button.hidden = false;
}

async function open() {
  if (dialog) return;
  // Outside of what the page's refresh replaces.
  dialog = document.getElementById("camera-template").content.firstElementChild.cloneNode(true);
  opener = document.querySelector("form.scan")?.getAttribute("action") ?? "";
  const mine = dialog;
  document.body.append(dialog);
  dialog.addEventListener("close", close);
  dialog.showModal();
  tell("says");
  try {
    const found = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    if (dialog !== mine) return letGo(found); // closed while the browser asked
    stream = found;
    const video = dialog.querySelector("video");
    video.srcObject = stream;
    await video.play();
    look(mine, video);
  } catch {
    if (dialog === mine) tell("refused");
  }
}

async function look(mine, video) {
  while (dialog === mine) {
    const [code] = await detector.detect(video).catch(() => []);
    if (code && dialog === mine) return hand(code.rawValue);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

function hand(code) {
  const form = document.querySelector("form.scan");
  dialog.close();
  // The order may have disappeared from the screen meanwhile.
  if (!form || form.getAttribute("action") !== opener) return;
  form.elements.code.value = code;
  form.requestSubmit();
}

function tell(what) {
  const place = dialog.querySelector("p");
  place.textContent = place.dataset[what];
}

function letGo(found) {
  for (const track of found?.getTracks() ?? []) track.stop();
}

function close() {
  letGo(stream);
  stream = null;
  dialog?.remove();
  dialog = null;
  document.getElementById("code")?.focus({ preventScroll: true });
}

addEventListener("pagehide", () => dialog?.close());
begin();
