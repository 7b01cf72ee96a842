"""Pages of the shared plan: reading it, writing its draft, signing."""
