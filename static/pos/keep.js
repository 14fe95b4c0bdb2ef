/* Keeps what a person has begun when the page refreshes itself: typed text, ticks, what is unfolded, and the cursor. After
 * their own taps nothing is kept.
 */

import { carry, isRefresh } from "./answers.js";

const CONTROLS = "input[id][name], select[id][name], textarea[id][name]";

carry(whatIsBegun, giveAllBack);

function whatIsBegun(detail) {
  const live = document.getElementById("live");
  if (!live || !isRefresh(detail)) return null;
  return {
    controls: [...live.querySelectorAll(CONTROLS)].filter(isChanged).map(stateOf),
    unfolded: [...document.querySelectorAll("details[id]")].map(({ id, open }) => ({ id, open })),
    dialogs: [...live.querySelectorAll("dialog[id][open]")].map(({ id }) => id),
    place: placeOf(document.activeElement, live),
  };
}

function giveAllBack(kept, detail) {
  const first = takeAutofocus();
  if (!isRefresh(detail)) first?.focus({ preventScroll: true });
  if (!kept) return;
  kept.controls.forEach(giveBack);
  unfold(kept.unfolded);
  openDialogs(kept.dialogs);
  if (kept.place) focusAgain(kept.place);
}

// htmx would give it the focus when it settles, whatever has been begun meanwhile.
function takeAutofocus() {
  const first = document.querySelector("#live [autofocus]");
  first?.removeAttribute("autofocus");
  return first;
}

function isChanged(control) {
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  if (control.localName === "select") {
    const options = [...control.options];
    return control.value !== (options.find((option) => option.defaultSelected) ?? options[0])?.value;
  }
  return !["hidden", "file", "submit", "button"].includes(control.type) && control.value !== control.defaultValue;
}

function stateOf({ id, name, value, checked }) {
  return { id, name, value, checked };
}

function giveBack({ id, name, value, checked }) {
  const control = document.getElementById(id);
  if (control?.name !== name) return;
  if (control.type === "checkbox" || control.type === "radio") control.checked = checked;
  else if (control.localName !== "select" || [...control.options].some((option) => option.value === value)) {
    control.value = value;
  }
}

function unfold(all) {
  for (const { id, open } of all) {
    const details = document.getElementById(id);
    if (details) details.open = open;
  }
}

function openDialogs(ids) {
  for (const id of ids) {
    const dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  }
}

function placeOf(element, live) {
  if (!element || element === document.body) return null;
  const { selectionStart, selectionEnd } = element; // null where no text can be selected
  return { element, selector: selectorOf(element, live), selectionStart, selectionEnd };
}

function selectorOf(element, live) {
  const where = live.contains(element) ? "#live " : "";
  const form = element.form?.getAttribute("action");
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.matches("a[href]")) return `${where}a[href="${CSS.escape(element.getAttribute("href"))}"]`;
  if (form) return `${where}form[action="${CSS.escape(form)}"] ${element.localName}`;
  return "";
}

function find({ element, selector }) {
  return element.isConnected ? element : selector && document.querySelector(selector);
}

function focusAgain(place) {
  const element = find(place);
  if (!element) return;
  if (element !== document.activeElement) element.focus({ preventScroll: true });
  if (element !== place.element && place.selectionStart != null) {
    element.setSelectionRange?.(place.selectionStart, place.selectionEnd);
  }
}
