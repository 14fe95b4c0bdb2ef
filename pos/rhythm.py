"""How often a tablet and the portal hear of each other; the pages hand it to their scripts."""

from accounts.device import IDLE
from accounts.tablets import SILENT_AFTER

PING = 15  # seconds
# As strings, for a number in a page is written as the reader's language writes it.
SECONDS = {
    "silence": str(2 * PING + 10),  # of the stream, until the tablet takes it for lost
    "idle": f"{IDLE.total_seconds():.0f}",
    "report": f"{SILENT_AFTER.total_seconds() / 3:.0f}",  # two may be lost
    "sounds": f"{SILENT_AFTER.total_seconds() / 2:.0f}",  # a tab that sounded speaks for a silent one
}
