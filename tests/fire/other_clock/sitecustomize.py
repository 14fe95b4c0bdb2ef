"""Python reads this when it starts. CLOCK_AHEAD is by how many seconds the clock of the process is wrong."""

import os
from datetime import datetime, timedelta

import time_machine

if ahead := float(os.environ.get("CLOCK_AHEAD", 0)):
    time_machine.travel(datetime.now().astimezone() + timedelta(seconds=ahead), tick=True).start()
