"""Pages of pharmacies."""
