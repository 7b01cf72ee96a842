"""Speed, measured against two floors on the same server in the same run: `make bench`. Never part of the tests."""
