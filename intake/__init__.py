"""Intake: sealed reports of abuse, routed to the oversight offices that may read them."""

__version__ = "0.1.0"
