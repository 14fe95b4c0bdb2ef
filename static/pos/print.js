/* Printing without a pop-up: the PDF is fetched once, because each fetch is recorded, and printed from a hidden frame.
 *
 * `form[data-print]` names it. Where the browser shows no PDF in a frame, the form opens it beside the page, as it
 * does without this file.
 */

const KEPT_FOR = 60_000; // the print dialog reads the file for as long as it is open
let printing = false;
let shown = null;

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("form[data-print]") || !navigator.pdfViewerEnabled) return;
    event.preventDefault();
    event.stopPropagation();
    if (!printing) print(form); // a second tap while the paper is on its way is the same tap
  },
  true,
);

async function print(form) {
  printing = true;
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(addressOf(form), { cache: "no-store", headers: { "HX-Request": "true" } });
    if (isPdf(answer)) await put(await answer.blob());
    else await refuse(answer);
  } catch {
    tellTrouble();
  }
  form.removeAttribute("aria-busy");
  printing = false;
}

function addressOf(form) {
  const address = new URL(form.action);
  address.search = new URLSearchParams(new FormData(form)).toString();
  return address;
}

function isPdf(answer) {
  return answer.ok && answer.headers.get("Content-Type") === "application/pdf";
}

async function put(pdf) {
  const address = URL.createObjectURL(pdf);
  setTimeout(() => URL.revokeObjectURL(address), KEPT_FOR);
  shown?.remove();
  shown = document.createElement("iframe");
  shown.className = "unseen";
  shown.tabIndex = -1;
  shown.setAttribute("aria-hidden", "true");
  const loaded = new Promise((done) => shown.addEventListener("load", done, { once: true }));
  shown.src = address;
  document.body.append(shown);
  await loaded;
  try {
    shown.contentWindow.focus(); // some browsers print the window that has the focus
    shown.contentWindow.print();
  } catch {
    openBeside(address);
  }
}

function openBeside(address) {
  const link = document.createElement("a");
  link.href = address;
  link.target = "_blank";
  link.click();
}

async function refuse(answer) {
  // The session has ended: reloading leads to the log-in.
  if (answer.redirected || answer.headers.has("HX-Redirect")) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const sentence = page.getElementById("refusal-text");
  const place = document.getElementById("refusal");
  if (answer.status < 500 && sentence && place) place.replaceChildren(sentence);
  else tellTrouble();
}

function tellTrouble() {
  document.dispatchEvent(new CustomEvent("portal:trouble"));
}
