"""How the properties of this folder are searched."""

from hypothesis import settings

# A busy machine is no failure: the time of one example says nothing.
settings.register_profile("core", deadline=None, max_examples=60)
settings.load_profile("core")
