"""How the properties of this folder are searched."""

from hypothesis import settings

# A busy machine is no failure: the time of one example says nothing.
settings.register_profile("crypto", deadline=None)
settings.load_profile("crypto")
