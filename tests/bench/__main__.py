"""`make bench`: every measurement, as ratios in one run."""

import sys

from tests.bench import browser, filing, seal, upload

BENCHES = {"browser": browser.run, "filing": filing.run, "seal": seal.run, "upload": upload.run}

for name in sys.argv[1:] or BENCHES:
    BENCHES[name]()
