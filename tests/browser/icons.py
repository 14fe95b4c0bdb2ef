"""`python -m tests.browser.icons`: draws the icons of the installed app from `static/core/icon.svg`."""

from playwright.sync_api import sync_playwright

from demo.options import ROOT
from tests.browser.chromium import launch

FOLDER = ROOT / "static" / "core"
SIZES = (192, 512)
GROUND = "#1f4b6e"
FILLS = 120  # percent: a mask may cut off a fifth, and the drawing keeps its own distance
PAGE = """<body style="margin:0;height:{size}px;overflow:hidden;background:{ground}">
<img src="data:image/svg+xml;utf8,{drawing}" width="{drawn}" style="margin:{margin}px"></body>"""


def main() -> None:
    """An icon of each size as it is, and one that fills its square for devices that cut a shape out."""
    drawing = (FOLDER / "icon.svg").read_text().replace('"', "'").replace("#", "%23").strip()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for size in SIZES:
            page = browser.new_page(viewport={"width": size, "height": size})
            for name, ground, part in (
                (f"icon-{size}.png", "transparent", 100),
                (f"icon-maskable-{size}.png", GROUND, FILLS),
            ):
                drawn = size * part // 100
                places = {"size": size, "drawn": drawn, "margin": (size - drawn) // 2}
                page.set_content(PAGE.format(ground=ground, drawing=drawing, **places))
                page.screenshot(path=FOLDER / name, omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
