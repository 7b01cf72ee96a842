"""Settings of Tandem, read from the environment (and `.env` where present).

`docs/settings.md` documents every variable. Nothing secret has a default in production:
with `TANDEM_ENV=production` a missing key stops the start with a sentence.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

# --- Which Tandem this is -----------------------------------------------------------------

TANDEM_ENV = env.str("TANDEM_ENV", default="demo")
if TANDEM_ENV not in ("demo", "test", "production"):
    raise ImproperlyConfigured("TANDEM_ENV is one of demo, test, production.")
PRODUCTION = TANDEM_ENV == "production"
DEBUG = False
# The clock may be set by tests and by the demo loader; in production it only tells the time.
CLOCK_MAY_MOVE = not PRODUCTION
# The demo's mailbox page shows messages that left; it does not exist in production.
DEMO_MAILBOX = not PRODUCTION
REQUIRE_MFA = env.bool("REQUIRE_MFA", default=PRODUCTION)


def secret(name: str, demo: str) -> str:
    """The secret `name` from the environment; outside production a fixed demo value stands in."""
    value: str = env.str(name, default="" if PRODUCTION else demo)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Production needs it: see docs/settings.md.")
    return value


SECRET_KEY = secret("SECRET_KEY", "demo-only-not-a-secret-demo-only-not-a-secret-0123456789")
# Older ones, newest first: they still prove codes on prescriptions that were printed under them.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
# Newest first; older keys still read. `manage.py rotate_field_keys` rewrites with the newest.
FIELD_KEYS = [k for k in secret("FIELD_KEYS", "dGFuZGVtIGRlbW8ga2V5LCBuZXZlciBmb3IgcmVhbCE=").split(",") if k]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000")

# --- Rooms, from the foundation up --------------------------------------------------------

ROOMS = [
    "clinic.practice.apps.PracticeConfig",
    "clinic.staff.apps.StaffConfig",
    "clinic.audit.apps.AuditConfig",
    "clinic.outbox.apps.OutboxConfig",
    "clinic.web.apps.WebConfig",
    "patients.record.apps.RecordConfig",
    "patients.timeline.apps.TimelineConfig",
    "patients.inbox.apps.InboxConfig",
    "patients.scheduling.apps.SchedulingConfig",
    "patients.notes.apps.NotesConfig",
    "patients.risk.apps.RiskConfig",
    "patients.measures.apps.MeasuresConfig",
    "patients.plan.apps.PlanConfig",
    "patients.handoffs.apps.HandoffsConfig",
    "patients.chart.apps.ChartConfig",
    "therapy.sessions.apps.SessionsConfig",
    "medications.catalogue.apps.CatalogueConfig",
    "medications.safety.apps.SafetyConfig",
    "medications.prescribing.apps.PrescribingConfig",
    "medications.injections.apps.InjectionsConfig",
    "medications.pharmacies.apps.PharmaciesConfig",
    "medications.visits.apps.VisitsConfig",
    "medications.reconciling.apps.ReconcilingConfig",
    "medications.controlled.apps.ControlledConfig",
    "medications.vigilance.apps.VigilanceConfig",
    "medications.monitoring.apps.MonitoringConfig",
    "medications.tapers.apps.TapersConfig",
    "medications.refills.apps.RefillsConfig",
]

INSTALLED_APPS = [
    *ROOMS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "django_cotton.apps.SimpleAppConfig",
    "django_tables2",
    "django_filters",
    "phonenumber_field",
    "localflavor",
    "health_check",
    "pgtrigger",
    "pghistory",
    "django_structlog",
]
if TANDEM_ENV == "test":
    INSTALLED_APPS.append("zeal")

MIDDLEWARE = [
    "clinic.web.middleware.Headers",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clinic.web.middleware.CleanInput",
    "clinic.web.middleware.IdleClock",
    "clinic.web.middleware.RequireMfa",
    "clinic.audit.middleware.WhereFrom",
    "django_structlog.middlewares.RequestMiddleware",
    "clinic.web.middleware.Refusals",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.web.context.page",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "clinic.web.templatetags.words",
            ],
        },
    }
]
COTTON_DIR = "components"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "web/table.html"

# --- Engines ------------------------------------------------------------------------------

# The supervisor (`make run`) and the test plugin set both when they start the embedded engines.
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://tandem@localhost/tandem")}
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
    "CONN_HEALTH_CHECKS": True,
    "ATOMIC_REQUESTS": False,
}
if TANDEM_ENV == "test":
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    if env.str("TANDEM_TEST_TEMPLATE", default=""):
        DATABASES["default"]["TEST"] = {"TEMPLATE": env.str("TANDEM_TEST_TEMPLATE"), "MIGRATE": False}

REDIS_URL = env.str("REDIS_URL", default="redis://localhost:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": env.str("CACHE_PREFIX", default="tandem"),
    }
}


def broker_of(redis_url: str) -> str:
    """Celery's name for the same server: a `unix://` cache address becomes `redis+socket://`."""
    if redis_url.startswith("unix://"):
        path, _, query = redis_url.removeprefix("unix://").partition("?")
        database = dict(part.split("=", 1) for part in query.split("&") if "=" in part).get("db", "0")
        return f"redis+socket://{path}?virtual_host={database}"
    return redis_url


CELERY_BROKER_URL = broker_of(REDIS_URL)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900, "socket_connect_timeout": 2}
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- Scheduled jobs (docs/jobs.md): what runs when; the jobs page shows the same -----------

OUTBOX_LEASE_SECONDS = env.int("OUTBOX_LEASE_SECONDS", default=120)
# name: the function, its schedule (UTC), what it does; `quiet`: runs without work share one row.
JOBS: dict[str, dict[str, Any]] = {
    "outbox.deliver": {
        "run": "clinic.outbox.actions.deliver_due", "schedule": timedelta(seconds=30), "quiet": True,
        "words": "Does due work: messages, checks",
    },
    "audit.seal": {
        "run": "clinic.audit.actions.seal", "schedule": timedelta(minutes=1), "quiet": True,
        "words": "Links new rows of the audit into its chain",
    },
    "audit.verify": {
        "run": "clinic.audit.queries.verification", "schedule": crontab(hour=10, minute=40),
        "words": "Verifies the whole chain of the audit",
    },
    "scheduling.plan_reminders": {
        "run": "patients.scheduling.reminders.plan_coming", "schedule": crontab(minute=5), "quiet": True,
        "words": "Plans reminders that are missing, after a change of channel or of the settings",
    },
    "measures.close_lapsed": {
        "run": "patients.measures.desk.close_lapsed", "schedule": timedelta(minutes=5), "quiet": True,
        "words": "Scores questionnaires whose time at the desk is over",
    },
    "pharmacies.look_after": {
        "run": "medications.pharmacies.tasks.look_after", "schedule": timedelta(minutes=5), "quiet": True,
        "words": "Brings back prescriptions that did not leave, asks about those that nobody filled",
    },
    "pharmacies.read_in": {
        "run": "medications.pharmacies.tasks.read_in", "schedule": timedelta(minutes=1), "quiet": True,
        "words": "Takes in what pharmacies sent",
    },
    "monitoring.renew_due": {
        "run": "medications.monitoring.tasks.renew_due", "schedule": crontab(hour=10, minute=50),
        "words": "Makes, moves and closes what has to be measured",
    },
    "injections.watch": {
        "run": "medications.injections.tasks.watch", "schedule": crontab(hour=11, minute=5),
        "words": "Asks for long-acting injections that are due within a week",
    },
    "refills.open_due": {
        "run": "medications.refills.tasks.open_due", "schedule": crontab(hour=11, minute=10),
        "words": "Opens refill requests for what runs out soon",
    },
    "controlled.remind": {
        "run": "medications.controlled.tasks.remind", "schedule": crontab(hour=11, minute=20),
        "words": "Opens tasks for controlled substances: telehealth, monitoring program, log",
    },
    "vigilance.recheck": {
        "run": "medications.vigilance.tasks.recheck", "schedule": crontab(hour=11, minute=30),
        "words": "Checks active orders anew after knowledge or facts changed",
    },
    "tapers.watch": {
        "run": "medications.tapers.tasks.watch", "schedule": crontab(hour=11, minute=25),
        "words": "Opens reviews where a score rose after a taper; confirms nothing",
    },
    "outbox.expire_sessions": {
        "run": "clinic.outbox.tasks.expire_sessions", "schedule": crontab(minute=20), "quiet": True,
        "words": "Deletes sessions that have ended",
    },
    "outbox.tidy_runs": {
        "run": "clinic.outbox.tasks.tidy_runs", "schedule": crontab(hour=10, minute=20),
        "words": "Deletes job runs older than thirty days",
    },
}  # fmt: skip
# Beat sends a job's name. A message that no worker took in time lapses: the next one does its work.
CELERY_BEAT_SCHEDULE = {
    name: {
        "task": "clinic.outbox.tasks.run_job", "args": [name], "schedule": job["schedule"],
        "options": {"expires": job["schedule"].total_seconds() if isinstance(job["schedule"], timedelta) else 3_600},
    }
    for name, job in JOBS.items()
}  # fmt: skip

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Ports: what upper rooms offer to lower pages, in the order in which it is shown -------

CHART_PANELS: list[str] = [
    "medications.visits.panels.Line",
    "patients.handoffs.panels.Lines",
    "patients.plan.panels.Objectives",
    "medications.prescribing.panels.Panel",
    "medications.monitoring.panels.Panel",
    "medications.tapers.panels.Panel",
    "therapy.sessions.panels.Recent",
]
CHART_LANES: list[str] = ["medications.prescribing.panels.lanes", "medications.tapers.panels.lanes"]
# Kinds of therapy that a plan may name: callables returning {key: term with a name}.
PLAN_MODALITIES: list[str] = ["therapy.sessions.vocabulary.modalities"]
PLAN_ARMS: list[str] = ["medications.prescribing.plans.Arms"]
SESSION_PANELS: list[str] = ["medications.tapers.panels.SessionPanel", "medications.monitoring.panels.Beside"]
# Times in which a planned change of dose was paused: callables of clinic.ports.DosePauses.
DOSE_PAUSES: list[str] = ["medications.tapers.panels.pauses"]
# What stands beside each medicine of the list: callables (patient, viewer) giving {prescription id: [MedicineLink]}.
MEDICINE_LINKS: list[str] = [
    "medications.injections.panels.medicine_links",
    "medications.tapers.panels.medicine_links",
    "medications.refills.panels.medicine_links",
]
# The day on which each depot among these prescriptions was given last: callables of clinic.ports.LastGiven.
LAST_GIVEN: list[str] = ["medications.injections.queries.last_given"]
# When the supply of each of these prescriptions runs out: callables of clinic.ports.RunsOut.
RUN_OUT: list[str] = ["medications.refills.answering.run_out"]
MY_DAY_LINES: list[str] = [
    "medications.injections.panels.my_day",
    "medications.monitoring.panels.my_day",
    "medications.refills.panels.my_day",
    "medications.pharmacies.panels.my_day",
    "medications.tapers.panels.my_day",
    "patients.notes.queries.my_day",
]
TASK_KINDS: list[str] = [
    "patients.plan.panels.task_kinds",
    "patients.inbox.emergencies.OPENED",
    "patients.scheduling.panels.TASKS",
    "patients.risk.panels.task_kinds",
    "patients.measures.panels.task_kinds",
    "patients.handoffs.panels.task_kinds",
    "patients.notes.kinds.COSIGN",
    "medications.refills.panels.task_kinds",
    "medications.prescribing.panels.task_kinds",
    "medications.injections.panels.task_kinds",
    "medications.reconciling.panels.task_kinds",
    "medications.pharmacies.panels.task_kinds",
    "medications.controlled.panels.task_kinds",
    "medications.vigilance.panels.task_kinds",
    "medications.monitoring.panels.task_kinds",
    "medications.tapers.panels.task_kinds",
]
OUTBOX_HANDLERS: list[str] = [
    "patients.scheduling.reminders.Reminders",
    "patients.scheduling.messages.Notes",
    "patients.scheduling.replies.StopConfirmations",
    "medications.pharmacies.handlers.Prescriptions",
    "medications.pharmacies.handlers.Cancellations",
    "medications.pharmacies.handlers.Answers",
    "medications.monitoring.handlers.Imports",
]
# Who follows what may be dispensed and what was; who hears that a prescription was undone before it left.
DISPENSING: list[str] = ["medications.pharmacies.watch.Watch"]
# Who hears that a pharmacy asks to renew a prescription of ours; says why that cannot be decided.
RENEWAL_ASKED: list[str] = ["medications.refills.actions.renewal_asked"]
TRANSMISSION_UNDONE: list[str] = ["medications.refills.actions.reopen"]
# Where a supply goes once it is signed, said before.
SUPPLY_WAY: list[str] = ["medications.pharmacies.panels.supply_way"]
# When the list of medicines was gone through with the patient, and what they said of each.
MEDICINE_LIST: list[str] = ["medications.reconciling.panels.told"]
MEDICATION_PARTS: list[str] = ["medications.pharmacies.panels.OnItsWay"]
INBOUND_TEXT: list[str] = ["patients.scheduling.replies.Replies"]
PATIENT_NAMES: list[str] = ["patients.record.labels.Labels"]
RECORD_STORY: list[str] = ["patients.timeline.story.Story"]
EMERGENCY_WATCH: list[str] = ["patients.inbox.emergencies.Emergencies"]
NEXT_VISITS: list[str] = ["patients.scheduling.upcoming.next_visits"]
# Numbers of a laboratory that the checks read, by room: callables of clinic.ports.LabValues.
LAB_VALUES: list[str] = ["medications.monitoring.queries.lab_values"]
# The certified system that signs controlled substances; Tandem itself signs none (R-RX-06).
CERTIFIED_BACKEND = "medications.controlled.certified.Local"
STRIP_PARTS: list[str] = [
    "patients.record.panels.allergies",
    "patients.measures.panels.risk",
    "patients.record.panels.care_team",
    "patients.plan.panels.strip",
]
CHART_TABS: list[str] = [
    "patients.chart.panels.TAB",
    "patients.plan.panels.TAB",
    "therapy.sessions.panels.TAB",
    "medications.prescribing.panels.TAB",
    "medications.monitoring.panels.TAB",
    "patients.measures.panels.TAB",
    "patients.record.panels.RECORD_TAB",
    "patients.scheduling.panels.TAB",
    "patients.record.panels.DESK_TAB",
    "medications.pharmacies.panels.TAB",
    "medications.refills.panels.TAB",
]
SINCE_LINES: list[str] = [
    "medications.prescribing.panels.unchanged",
    "medications.tapers.panels.since",
    "medications.monitoring.panels.overdue",
]
# Rooms that follow the orders: told inside the transaction of each change of a patient's medicines.
ORDER_CHANGED: list[str] = [
    "medications.injections.actions.order_changed",
    "medications.monitoring.actions.order_changed",
    "medications.reconciling.actions.order_changed",
]
# Rooms that know something against an order: their findings join those of the checks.
ORDER_FINDINGS: list[str] = ["medications.monitoring.starting.findings", "medications.tapers.beside.findings"]
ABSENCE_COVERED: list[str] = ["patients.record.actions.cover_absence", "patients.scheduling.actions.ask_to_move"]
ABSENCE_REMOVED: list[str] = ["patients.scheduling.actions.back_early"]
NAV_COUNTS: list[str] = [
    "patients.inbox.queries.nav_count",
    "medications.refills.panels.nav_count",
]
MISSED_VISIT: list[str] = [
    "patients.risk.panels.missed_visit",
]
VISIT_FORMS: list[str] = [
    "patients.measures.queries.visit_forms",
]

# The demo practice, loaded in this order (never in production): for all, then for each share of the patients in a
# process of its own, then for all again.
DEMO_STEPS = [
    "clinic.staff.demo.load",
    "patients.record.demo.load",
    "patients.scheduling.demo.load_past",
    "patients.chart.demo.load",
    "medications.pharmacies.demo.load",
]
DEMO_STEPS_OF_PATIENTS = [
    "patients.measures.demo.load",
    "patients.plan.demo.load",
    "therapy.sessions.demo.load",
    "medications.pharmacies.demo.let_leave",
    "medications.prescribing.demo.load",
    "medications.prescribing.demo_courses.load",
    "medications.injections.demo.load",
    "medications.controlled.demo.series",
    "medications.prescribing.demo.fills",
    "medications.pharmacies.demo.picked_up",
    "medications.prescribing.demo.plans",
    "medications.visits.demo.load",
    "medications.reconciling.demo.load",
    "medications.monitoring.demo.load",
    "medications.tapers.demo.load",
]
DEMO_STEPS_AT_THE_END = [
    "medications.monitoring.demo.due",
    "medications.injections.demo.due",
    "patients.scheduling.demo.load_present",
    "medications.refills.demo.load",
    "medications.controlled.demo.due",
    "medications.vigilance.demo.load",
]

# --- Sign-in ------------------------------------------------------------------------------

AUTH_USER_MODEL = "clinic_staff.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TANDEM_ENV == "test"
    else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_FORMS = {"reset_password": "clinic.web.signin_forms.ForgottenForm"}
ACCOUNT_ADAPTER = "clinic.web.signin.AccountAdapter"
MFA_ADAPTER = "clinic.web.signin.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Tandem"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "clinic.web.errors.csrf_failure"
IDLE_MINUTES = env.int("IDLE_MINUTES", default=15)  # R-HS-03

# --- Headers ------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "manifest-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = PRODUCTION and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# A field holds at most this much; more is answered with a sentence, not a crash.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# --- Words, time, files -------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/Los_Angeles"
USE_TZ = True
USE_I18N = False
PHONENUMBER_DEFAULT_REGION = "US"
PHONENUMBER_DB_FORMAT = "E164"

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "var" / "static")))
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "clinic.web.storage.HashedStatic"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- Messages to patients -----------------------------------------------------------------

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://" if PRODUCTION else "memorymail://")
vars().update(EMAIL_CONFIG)
# A forgotten password is helped by mail only where mail leaves.
PASSWORD_RESET = TANDEM_ENV == "test" or bool(env.str("EMAIL_URL", default=""))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="no-reply@example.org")
# "local" keeps texts in a table that the demo's mailbox shows; "http" posts them to TEXT_GATEWAY_URL.
TEXT_GATEWAY = env.str("TEXT_GATEWAY", default="local")
TEXT_GATEWAY_URL = env.str("TEXT_GATEWAY_URL", default="")
TEXT_GATEWAY_TOKEN = env.str("TEXT_GATEWAY_TOKEN", default="")
TEXT_GATEWAY_TIMEOUT = env.float("TEXT_GATEWAY_TIMEOUT", default=5.0)
# What the gateway must present when it hands us a patient's reply (STOP and others).
TEXT_INBOUND_TOKEN = env.str("TEXT_INBOUND_TOKEN", default="" if PRODUCTION else "demo-inbound-token")

# --- Prescriptions on their way (docs/decisions/0005) ---------------------------------------

PRESCRIPTION_BACKEND = env.str("PRESCRIPTION_BACKEND", default="medications.pharmacies.backends.FileAndPrinter")
# Where the file-and-printer back end puts documents: names, drugs and all, so keep it on an encrypted disk.
PRESCRIPTION_FILES = env.str(
    "PRESCRIPTION_FILES", default=str(BASE_DIR / env.str("TANDEM_VAR", default="var") / "prescriptions")
)
# Where messages of pharmacies are put for it, written whole before they are moved there; it takes them from there.
PRESCRIPTION_INBOX = env.str(
    "PRESCRIPTION_INBOX", default=str(BASE_DIR / env.str("TANDEM_VAR", default="var") / "prescriptions-in")
)

# --- Logs: ids only, never names or clinical words (R-HS-07) --------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "clinic.web.logs.formatter"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["out"], "level": LOG_LEVEL},
    "loggers": {
        # Django's request log carries reasons and paths only; its debug pages are never on.
        "django.request": {"level": "ERROR"},
        "django.db.backends": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}

SILENCED_SYSTEM_CHECKS: list[str] = []
