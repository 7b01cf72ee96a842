"""Who did what: an append-only record (R-HS-04). The foundation: every room writes here, it knows no room."""
