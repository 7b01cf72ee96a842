"""Seeded faults: the tests of medications have to notice each of them (`make mutants`)."""
