"""The public site: a post office for sealed letters."""
