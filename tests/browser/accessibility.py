"""Runs axe on a page, with animations paused."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
BRIGHT, CALM = 100, 600  # ms into the second in which the bar blinks once
STAND_STILL = """moment => document.getAnimations().forEach(animation => {
  animation.pause();
  animation.currentTime = moment;
})"""
# A sticky bar covers parts of the page, depending on how far it is scrolled.
UNSTICK = """() => {
  const all = holder => [...holder.cssRules].flatMap(rule => [rule, ...(rule.cssRules ? all(rule) : [])]);
  const sticky = [...document.styleSheets].flatMap(all).filter(rule => rule.style?.position === "sticky");
  window.stuck = sticky.map(({style}) => [style, style.cssText]);
  for (const {style} of sticky) Object.assign(style, {position: "relative", top: "auto", bottom: "auto"});
}"""
STICK_AGAIN = "() => stuck.forEach(([style, text]) => { style.cssText = text; })"


def violations(page: Page, moment: int = BRIGHT) -> list[str]:
    """Each violation of WCAG 2.2 AA as one line: the rule, and where. Blinking is paused at this moment."""
    page.wait_for_load_state()
    page.evaluate(STAND_STILL, moment)
    page.evaluate(UNSTICK)
    found = Axe().run(page, options=RULES).response["violations"]
    page.evaluate(STICK_AGAIN)
    return [
        f"{rule['id']}: {' '.join(node['target'])} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]
