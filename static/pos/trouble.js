/* When the server broke or no answer came, the page says so and stays as it is, until it is answered again. */

import { isRefusal } from "./answers.js";

const place = () => document.getElementById("refusal");

function tell() {
  place()?.replaceChildren(document.getElementById("broken").content.cloneNode(true));
  place()?.setAttribute("data-broken", "");
}

document.addEventListener("htmx:sendError", tell);
document.addEventListener("htmx:timeout", tell);
document.addEventListener("portal:trouble", tell);
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status >= 500 && !isRefusal(event.detail.xhr)) tell();
});
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.xhr.status < 400 && place()?.hasAttribute("data-broken")) {
    place().replaceChildren();
    place().removeAttribute("data-broken");
  }
});
