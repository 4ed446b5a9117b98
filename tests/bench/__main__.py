"""`make bench`: every measurement, as ratios in one run."""

import sys

from tests.bench import browser, filing, seal

BENCHES = {"browser": browser.run, "filing": filing.run, "seal": seal.run}

for name in sys.argv[1:] or BENCHES:
    BENCHES[name]()
