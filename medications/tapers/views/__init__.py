"""Pages of tapers and titrations."""
