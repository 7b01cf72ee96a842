"""The demo practice loads whole into an empty database: every rule of today lets its stories through."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg2
import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests.engines import ROOT

COUNTS = """
    SELECT (SELECT count(*) FROM patients_record_patient),
        (SELECT count(*) FROM medications_tapers_taperplan),
        (SELECT count(*) FROM therapy_sessions_session) > 500,
        (SELECT array_agg(DISTINCT cosigned_at IS NULL) FROM patients_notes_note WHERE cosigner_id IS NOT NULL),
        (SELECT count(*) FROM medications_refills_refillrequest WHERE state = 'requested') > 3,
        (SELECT array_agg(state::text) @> '{sent, filled, picked_up, failed}' FROM medications_pharmacies_transmission),
        (SELECT count(*) FROM medications_prescribing_doseorder WHERE pack_id IS NOT NULL),
        EXISTS (SELECT 1 FROM medications_refills_refillrequest r
            JOIN medications_prescribing_prescription p ON p.id = r.prescription_id
            JOIN medications_catalogue_drug d ON d.id = p.drug_id WHERE d.schedule IN ('III', 'IV')),
        EXISTS (SELECT 1 FROM medications_refills_refillrequest r
            JOIN patients_record_careteammember m ON m.patient_id = r.patient_id AND m.ends_at IS NULL
            JOIN clinic_staff_user u ON u.id = m.user_id, jsonb_array_elements(r.gates) AS g
            WHERE r.state = 'requested' AND u.email = 'thao.nguyen@example.org' AND g ->> 'gate' = 'monitoring'
                AND g ->> 'brief' = 'labs overdue 41 days'),
        EXISTS (SELECT 1 FROM medications_pharmacies_transmission t JOIN clinic_staff_user u ON u.id = t.asked_by_id
            WHERE t.state = 'failed' AND u.email = 'thao.nguyen@example.org'),
        obj_description('public'::regnamespace, 'pg_namespace')
"""


@pytest.fixture
def empty(django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The name of a migrated database without a practice."""
    name = f"demo_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{os.environ["TANDEM_TEST_TEMPLATE"]}"')
        yield name
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_it_loads_whole(empty: str) -> None:
    address = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{empty}"
    done = subprocess.run(
        [sys.executable, "manage.py", "load_demo"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "TANDEM_ENV": "demo", "DATABASE_URL": address},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    with psycopg2.connect(**{**connection.get_connection_params(), "dbname": empty}) as line, line.cursor() as cursor:
        cursor.execute(COUNTS)
        assert cursor.fetchone() == (60, 3, True, [False, True], True, True, 2, True, True, True, None)
