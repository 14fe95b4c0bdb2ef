/* The screen stays on while the shop's page is open; the browser lets it go with every hidden page, and it is asked again. */

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
// Also when the browser took it away by itself, or would give it only after a touch.
addEventListener("pointerup", keepAwake, { passive: true });
setInterval(keepAwake, 30_000);
keepAwake();
