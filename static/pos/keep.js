/* What a person has begun stays when the page refreshes itself under her hands: typed text, ticks, what is folded open,
 * and the place of the cursor. A refresh is a swap that `#live` asked for itself; after her own taps nothing is kept.
 */

const CONTROLS = "input[id][name], select[id][name], textarea[id][name]";
let kept = null;

function isRefresh(event) {
  return event.detail.requestConfig?.elt?.id === "live";
}

document.addEventListener("htmx:beforeSwap", (event) => {
  kept = null;
  const live = document.getElementById("live");
  if (!live || !event.detail.shouldSwap || !isRefresh(event)) return;
  kept = {
    controls: [...live.querySelectorAll(CONTROLS)].filter(isChanged).map(stateOf),
    unfolded: [...document.querySelectorAll("details[id]")].map(({ id, open }) => ({ id, open })),
    dialogs: [...live.querySelectorAll("dialog[id][open]")].map(({ id }) => id),
    place: placeOf(document.activeElement, live),
  };
});

// At once, for a scanner types the next character, and a finger finds the next place, sooner than htmx settles.
document.addEventListener("htmx:afterSwap", (event) => {
  const first = takeAutofocus();
  if (!isRefresh(event)) first?.focus({ preventScroll: true });
  if (!kept || !isRefresh(event)) return;
  kept.controls.forEach(giveBack);
  unfold();
  openDialogs();
  focusAgain();
  kept = null;
});

// htmx would give it the focus when it settles, whatever she has begun meanwhile.
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

function unfold() {
  for (const { id, open } of kept.unfolded) {
    const details = document.getElementById(id);
    if (details) details.open = open;
  }
}

function openDialogs() {
  for (const id of kept.dialogs) {
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

function focusAgain() {
  const element = kept.place && find(kept.place);
  if (!element) return;
  if (element !== document.activeElement) element.focus({ preventScroll: true });
  if (element !== kept.place.element && kept.place.selectionStart != null) {
    element.setSelectionRange?.(kept.place.selectionStart, kept.place.selectionEnd);
  }
}
