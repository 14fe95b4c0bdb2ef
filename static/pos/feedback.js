/* A short sound after each pick and another after each refusal, because nobody looks up from the pieces to read.
 * sound.js plays `portal:sound`. */

function say(kind) {
  document.body.dispatchEvent(new CustomEvent("portal:sound", { bubbles: true, detail: { kind } }));
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { status } = detail.xhr;
  if ([409, 422].includes(status) && detail.requestConfig.verb === "post") say("wrong");
  else if (detail.successful && detail.requestConfig.elt?.closest?.("form[data-action='pick']")) say("right");
});
