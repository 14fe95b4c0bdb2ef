/* The alarm: a melody that repeats while `#topbar[data-new]` is above 0, louder and longer with `data-loud`.
 *
 * Browsers keep a page silent until somebody touches it: `<html data-sound="locked|on">` says which it is. Other scripts
 * ask for a short sound by the event `portal:sound` with `detail.kind` "right" or "wrong". `data-ringing` stands there while
 * the melody repeats, `data-rounds` counts its rounds.
 */

const root = document.documentElement;
const G5 = 783.99;
const B5 = 987.77;
const D6 = 1174.66;
// [frequency, starts after, lasts], in Hz and seconds.
const MELODY = [
  [G5, 0, 0.16],
  [B5, 0.18, 0.16],
  [D6, 0.36, 0.34],
];
const CALM = { times: 1, volume: 0.35, wave: "triangle", lasts: 2.6 };
const LOUD = { times: 3, volume: 0.9, wave: "square", lasts: 3.2 };
const SHORT = {
  right: { notes: [[B5, 0, 0.07], [D6 * 1.5, 0.08, 0.12]], wave: "sine", volume: 0.4 },
  wrong: { notes: [[196, 0, 0.22], [147, 0.24, 0.36]], wave: "sawtooth", volume: 0.6 },
};
const PAUSE = 0.85; // seconds from one melody to the next of the same round
const STANDS_STILL_AFTER = 3; // ticks: some devices wake up with a context that runs and makes no sound
const TICK = 1000;
const PRESS_AT_MOST = 2000;
const CLICK_WITHIN = 50; // after the finger has left

let context = null;
let round = null; // the melody that sounds now, and the pause behind it
let heardTime = -1;
let still = 0;
let pressedAt = 0;

// Unlocking

function begin() {
  const Context = window.AudioContext ?? window.webkitAudioContext;
  if (!Context) return;
  context = new Context();
  still = 0;
  context.addEventListener("statechange", show);
  show();
}

/* Only works inside the handler of a tap or a key press. */
async function unlock() {
  if (!context || context.state === "closed" || still >= STANDS_STILL_AFTER) renew();
  if (!context || context.state === "running") return show();
  try {
    await context.resume();
  } catch {
    // The next tap tries again.
  }
  show();
}

function renew() {
  context?.removeEventListener("statechange", show);
  context?.close().catch(() => {});
  context = null;
  round = null;
  begin();
}

function isOn() {
  return context?.state === "running" && still < STANDS_STILL_AFTER;
}

/* Not while a finger is down: the page below the bar would move away from under it, and the tap would be lost. */
function show() {
  obey();
  if (Date.now() - pressedAt < PRESS_AT_MOST) return;
  const state = isOn() ? "on" : "locked";
  if (root.dataset.sound !== state) root.dataset.sound = state;
}

function released() {
  setTimeout(() => {
    pressedAt = 0;
    show();
  }, CLICK_WITHIN);
}

function tick() {
  if (context?.state === "running") {
    still = context.currentTime === heardTime ? still + 1 : 0;
    heardTime = context.currentTime;
  }
  show();
}

/* After sleep some browsers give the sound back without a tap. */
function wake() {
  if (!document.hidden && context?.state !== "running") unlock();
}

// The alarm

function obey() {
  const bar = document.getElementById("topbar");
  const wanted = Number(bar?.dataset.new) > 0;
  const loud = bar?.hasAttribute("data-loud") ?? false;
  if (round && (!wanted || !isOn() || round.loud !== loud)) stop();
  if (!round && wanted && isOn()) start(loud);
  root.toggleAttribute("data-ringing", round !== null);
}

function start(loud) {
  const manner = loud ? LOUD : CALM;
  const own = { loud, out: output(manner.volume) };
  round = own;
  playRound(manner, own.out);
  root.dataset.rounds = String(Number(root.dataset.rounds ?? 0) + 1);
  // The end of a sound that nobody hears comes on time in a hidden page too, where timers are slow.
  const silence = output(0);
  const end = context.createOscillator();
  end.connect(silence);
  end.addEventListener("ended", () => {
    own.out.disconnect();
    silence.disconnect();
    if (round !== own) return;
    round = null;
    obey();
  });
  end.start();
  end.stop(context.currentTime + manner.lasts);
}

function stop() {
  round.out.gain.setTargetAtTime(0, context.currentTime, 0.02);
  round = null;
}

// Sounds

function output(volume) {
  const gain = context.createGain();
  gain.gain.value = volume;
  gain.connect(context.destination);
  return gain;
}

function playRound({ times, wave }, out) {
  for (let time = 0; time < times; time += 1) play(MELODY, wave, out, time * PAUSE);
}

function play(notes, wave, out, after = 0) {
  for (const [frequency, begins, lasts] of notes) {
    const from = context.currentTime + after + begins;
    const tone = context.createOscillator();
    const shape = context.createGain();
    tone.type = wave;
    tone.frequency.value = frequency;
    shape.gain.setValueAtTime(0, from);
    shape.gain.linearRampToValueAtTime(1, from + 0.01);
    shape.gain.setValueAtTime(1, from + lasts - 0.03);
    shape.gain.linearRampToValueAtTime(0, from + lasts);
    tone.connect(shape).connect(out);
    tone.start(from);
    tone.stop(from + lasts);
  }
}

async function test() {
  await unlock();
  if (isOn() && !round) play(MELODY, CALM.wave, output(CALM.volume));
}

function sayShort({ detail }) {
  const short = SHORT[detail?.kind];
  if (!short || !isOn()) return;
  play(short.notes, short.wave, output(short.volume));
  root.dataset.said = detail.kind;
}

// The file may be loaded twice in one page: one alarm is enough.
if (!root.dataset.sound) {
  root.dataset.sound = "locked";
  begin();
  addEventListener("pointerdown", () => (pressedAt = Date.now()), true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, released, true);
  // A touch counts for the browser when the finger leaves, a mouse when it presses.
  for (const touch of ["pointerdown", "pointerup", "keydown", "click"]) {
    addEventListener(touch, () => isOn() || unlock(), { capture: true, passive: true });
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#test-sound")) test();
  });
  document.addEventListener("portal:sound", sayShort);
  document.addEventListener("visibilitychange", wake);
  addEventListener("pageshow", wake);
  new MutationObserver(obey).observe(root, {
    subtree: true,
    childList: true,
    attributeFilter: ["data-new", "data-loud"],
  });
  setInterval(tick, TICK);
}
