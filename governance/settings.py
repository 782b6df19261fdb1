"""Settings, each read once from the environment with a type and a default.

The embedded default needs nothing installed: SQLite in ``var/`` and Celery's filesystem transport.
``DATABASE_URL`` and ``REDIS_URL`` switch to PostgreSQL and Redis. Every name is documented in
``docs/guides/settings.md``; an architecture test compares the two.
"""

import os
import secrets
from pathlib import Path

import dj_database_url

BASE_DIR = Path(__file__).resolve().parent.parent


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, default: bool) -> bool:
    return text(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    return int(text(name) or default)


def listed(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


VAR_DIR = Path(text("INTERLOCK_VAR") or BASE_DIR / "var")
VAR_DIR.mkdir(parents=True, exist_ok=True)


def secret_key() -> str:
    """The signing key: from the environment, else one made once and kept in ``var/`` (mode 600)."""
    given = text("SECRET_KEY")
    if given:
        return given
    path = VAR_DIR / "secret_key"
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass  # another process was first; its key is the key
    return path.read_text()


DEBUG = flag("DEBUG", False)
SECRET_KEY = secret_key()
ALLOWED_HOSTS = listed("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver")
CSRF_TRUSTED_ORIGINS = listed("CSRF_TRUSTED_ORIGINS")
HTTPS_ONLY = flag("HTTPS_ONLY", False)

INSTALLED_APPS = [
    "governance.apps.GovernanceConfig",
    "catalog.apps.CatalogConfig",
    "contracts.apps.ContractsConfig",
    "approvals.apps.ApprovalsConfig",
    "observability.apps.ObservabilityConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "guardian",
    "rest_framework",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
]

MIDDLEWARE = [
    "governance.doors.middleware.RequestIdentity",
    "governance.doors.middleware.ContentSecurityPolicy",
    "governance.doors.middleware.OptionalSlash",
    "governance.doors.middleware.BoundedBody",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "governance.doors.middleware.RefusalsAsPages",
]

ROOT_URLCONF = "governance.urls"
WSGI_APPLICATION = "governance.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "governance.web.shell.shell",
            ],
            "builtins": ["governance.templatetags.ui"],
        },
    }
]

# --- stores -------------------------------------------------------------------------------------
DATABASE_URL = text("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'interlock.sqlite3'}"
DATABASES = {"default": dj_database_url.parse(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Opening the file and setting it up costs a request more than its questions do.
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": number("DATABASE_POOL", 10)}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = text("REDIS_URL")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# --- the clock ----------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_QUEUE_DIR = VAR_DIR / "celery"
if not REDIS_URL:
    for folder in ("queue", "control"):
        (CELERY_QUEUE_DIR / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(CELERY_QUEUE_DIR / "queue"),
        "data_folder_out": str(CELERY_QUEUE_DIR / "queue"),
        "control_folder": str(CELERY_QUEUE_DIR / "control"),
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "interlock"
SWEEP_EVERY_S = number("SWEEP_EVERY_S", 2)
CELERY_BEAT_SCHEDULE = {
    "beat-heartbeat": {"task": "governance.tasks.record_heartbeat", "schedule": 5.0},
    "activate-tables": {"task": "governance.tasks.activate_due_tables", "schedule": 60.0},
    "run-due-jobs": {"task": "governance.tasks.run_due_jobs", "schedule": float(SWEEP_EVERY_S)},
    "seal-audit": {"task": "governance.tasks.seal_audit", "schedule": 60.0},
    "escalate-overdue-changes": {"task": "approvals.tasks.escalate_overdue_changes", "schedule": 300.0},
    "implement-due-changes": {"task": "approvals.tasks.implement_due_changes", "schedule": 30.0},
    "heal-changes": {"task": "approvals.tasks.heal_changes", "schedule": 30.0},
    "watch-waivers": {"task": "approvals.tasks.watch_waivers", "schedule": 300.0},
    "send-mail": {"task": "governance.tasks.send_due_mail", "schedule": 10.0},
    "send-digests": {"task": "governance.tasks.send_due_digests", "schedule": 60.0},
    "deliver-webhooks": {"task": "governance.tasks.deliver_due_webhooks", "schedule": 5.0},
    "sweep-probes": {"task": "observability.tasks.sweep_due_probes", "schedule": float(SWEEP_EVERY_S)},
    "roll-up-measurements": {"task": "observability.tasks.roll_up_measurements", "schedule": 30.0},
}

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "governance.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_ADAPTER = "governance.doors.accounts.ClosedSignUp"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login_failed": text("LOGIN_FAILED_LIMIT", "10/m/ip,5/300s/key")}
ALLAUTH_USER_CODE_FORMAT = {}
MFA_ADAPTER = "governance.doors.accounts.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Interlock"
MFA_TOTP_TOLERANCE = 1  # a code of the half minute before or after still counts: clocks differ
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator opens accounts, so no address is unproved
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- the browser --------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY", False) else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'; report-uri /csp-report/"
)
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
BROWSER_LIBRARIES = BASE_DIR / "var" / "browser"
BROWSER_LIBRARIES.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "templates" / "static", BROWSER_LIBRARIES]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG else 3600

# --- the API ------------------------------------------------------------------------------------
MAX_BODY_BYTES = number("MAX_BODY_BYTES", 5 * 1024 * 1024)
MAX_BULK_BYTES = number("MAX_BULK_BYTES", 20 * 1024 * 1024)
MAX_JSON_DEPTH = number("MAX_JSON_DEPTH", 64)
EVIDENCE_MAX_BYTES = number("EVIDENCE_MAX_BYTES", 10 * 1024 * 1024)
EVIDENCE_MEDIA_TYPES = listed(
    "EVIDENCE_MEDIA_TYPES",
    "application/pdf,image/png,image/jpeg,text/plain,text/csv,text/markdown,application/json,application/xml,"
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document,"
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BULK_BYTES
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "governance.doors.tokens.ServiceTokenAuthentication",
        "governance.doors.tokens.BrowserSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["governance.doors.parsers.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["governance.doors.renderers.OrjsonRenderer"],
    "DEFAULT_PAGINATION_CLASS": "governance.doors.api.KeyCursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "governance.doors.schema.ProblemAwareSchema",
    "DEFAULT_THROTTLE_CLASSES": ["governance.doors.api.ActorRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"actor": text("API_RATE", "1200/min")},
    "EXCEPTION_HANDLER": "governance.doors.http.problem_handler",
    "PAGE_SIZE": 50,
    "URL_FORMAT_OVERRIDE": None,  # ?format= is a filter's name where there is one, never a renderer's
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Interlock API",
    "DESCRIPTION": "The governance control plane for healthcare integration: register, contracts, changes, gate.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "InterfaceState": "catalog.lifecycle.INTERFACE.choices",
        "DomainKey": "catalog.models.DomainKey",
        "Environment": "catalog.models.Environment",
        "FacilityKind": "catalog.models.FacilityKind",
        "OwnerKind": "catalog.models.OwnerKind",
        "SystemKind": "catalog.models.SystemKind",
        "WaiverState": "approvals.lifecycle.WAIVER.choices",
        "WaiverKind": "approvals.models.WaiverKind",
        "FindingState": "catalog.lifecycle.FINDING.choices",
        "FindingSeverity": "catalog.models.Severity",
        "BindingState": "catalog.lifecycle.BINDING.choices",
        "ContractVersionState": "contracts.lifecycle.VERSION.choices",
        "ChangeState": "approvals.lifecycle.CHANGE.choices",
        "DecisionTableState": "governance.lifecycle.DECISION_TABLE.choices",
        "ProbeState": "observability.lifecycle.STATES",
        "ProbeKind": "observability.lifecycle.KINDS",
        "ProbeMethod": "observability.lifecycle.METHODS",
        "SignMethod": "approvals.models.SignMethod",
        "CalendarKind": "approvals.models.CalendarKind",
        "ChangeClass": "approvals.models.ChangeClass",
        "Constituency": "governance.models.Constituency",
    },
}

# --- what the product may reach, and its keys ------------------------------------------------------
PROBE_ALLOWED_NETWORKS = listed("PROBE_ALLOWED_NETWORKS")
PROBE_BATCH = number("PROBE_BATCH", 200)
AUDIT_SEAL_KEY_FILE = Path(text("AUDIT_SEAL_KEY_FILE") or VAR_DIR / "keys" / "audit_seal.pem")
AUDIT_SEAL_EXPORT = Path(text("AUDIT_SEAL_EXPORT") or VAR_DIR / "seals" / "seals.jsonl")

# --- telling -------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
PUBLIC_URL = text("PUBLIC_URL", f"http://127.0.0.1:{number('PORT', 8000)}/")
EMAIL_HOST = text("EMAIL_HOST")
EMAIL_BACKEND = text("EMAIL_BACKEND", f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend")
EMAIL_PORT = number("EMAIL_PORT", 587)
EMAIL_HOST_USER = text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", True)
EMAIL_USE_SSL = flag("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = number("EMAIL_TIMEOUT", 20)
DEFAULT_FROM_EMAIL = text("MAIL_FROM", "Interlock <interlock@localhost>")
MAIL_DIGEST_HOUR = number("MAIL_DIGEST_HOUR", 7)
MAIL_ATTEMPTS = number("MAIL_ATTEMPTS", 8)
WEBHOOK_ATTEMPTS = number("WEBHOOK_ATTEMPTS", 12)
WEBHOOK_FAILING_HOURS = number("WEBHOOK_FAILING_HOURS", 72)
LOG_LEVEL = text("LOG_LEVEL", "INFO")
METRICS_OPEN = flag("METRICS_OPEN", False)
LOGGING_CONFIG = "governance.doors.logging.configure"
LOGGING = {"level": LOG_LEVEL}

# --- showing ---------------------------------------------------------------------------------------
DEMO = flag("DEMO", False)  # the sign-in page lists the accounts of demo/accounts.json
