"""Mail to offices: notices without content at fixed hours, sealed entries, reminders."""
