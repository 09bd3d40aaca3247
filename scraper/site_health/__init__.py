"""Whether each site is as it usually is: its counts, its past, what has changed, who is told."""
