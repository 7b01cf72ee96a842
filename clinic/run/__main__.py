"""`python -m clinic.run`."""

import sys

from clinic.run.supervisor import main

sys.exit(main())
