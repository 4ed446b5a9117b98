"""`make bench`: every measurement, as ratios in one run."""

import sys

from tests.bench import browser, filing, seal, upload, vault

BENCHES = {
    "browser": browser.run,
    "filing": filing.run,
    "seal": seal.run,
    "upload": upload.run,
    "vault": vault.run,
}
ASKED = {**BENCHES, "vault-100000": vault.run_many}
"""What takes minutes is measured where it is named."""

for name in sys.argv[1:] or BENCHES:
    ASKED[name]()
