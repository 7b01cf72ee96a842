"""Pages of the schedule: the day board, booking, a visit."""
