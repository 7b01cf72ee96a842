"""Every fault that `make mutants` seeds."""

from tests.mutants.checks import CHECKS
from tests.mutants.given import GIVEN
from tests.mutants.orders import ORDERS
from tests.mutants.packs import PACKS
from tests.mutants.plans import PLANS
from tests.mutants.refills import REFILLS
from tests.mutants.said import SAID

FAULTS = (*CHECKS, *ORDERS, *REFILLS, *PLANS, *SAID, *GIVEN, *PACKS)
