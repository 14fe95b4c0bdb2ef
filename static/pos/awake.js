/* Keeps the screen on while the shop's page is visible; browsers release the lock of a hidden page, so it is requested again. */

let lock = null;

async function keepAwake() {
  if (document.hidden || (lock && !lock.released)) return;
  try {
    lock = await navigator.wakeLock?.request("screen");
  } catch {
    lock = null; // The battery is low, or the browser does not want to.
  }
}

document.addEventListener("visibilitychange", keepAwake);
// Also when the browser released it by itself, or grants it only after a touch.
addEventListener("pointerup", keepAwake, { passive: true });
setInterval(keepAwake, 30_000);
keepAwake();
