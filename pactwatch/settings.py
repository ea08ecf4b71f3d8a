"""PactWatch's settings: one file, every value from the environment, safe when nothing is set.

Each variable is described in docs/deploy.md, which a test keeps complete.
"""

import logging
import re
import tomllib
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

from pactwatch.measuring.log_lines import to_stderr

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]


def listed(name: str) -> list[str]:
    """A comma-separated variable as a list, stripped of blanks around the commas."""
    return [item.strip() for item in env.str(name, "").split(",") if item.strip()]


def required(name: str, how: str) -> str:
    """A variable that is required unless DEBUG is on."""
    value = env.str(name, "").strip()
    if not value and not DEBUG:
        message = (
            f"{name} is not set. Production needs it: {how} docs/deploy.md describes each "
            "variable; on your own machine, `make run` sets them all."
        )
        raise ImproperlyConfigured(message)
    return value


def refuse_weak(name: str, key: str) -> str:
    """The key, unless Django's own check (security.W009) would call it weak."""
    is_short = len(key) < 50 or len({*key}) < 5
    if not DEBUG and (is_short or key.startswith("django-insecure-")):
        message = (
            f"{name} is too easy to guess. Make one of 50 or more random characters: python3 -c "
            "'import secrets; print(secrets.token_urlsafe(50))'"
        )
        raise ImproperlyConfigured(message)
    return key


def hosts() -> list[str]:
    """The host names in ALLOWED_HOSTS, without `*`."""
    required("ALLOWED_HOSTS", "the host names this site answers to, separated by commas.")
    found = listed("ALLOWED_HOSTS") or ["127.0.0.1", "localhost"]
    if "*" in found and not DEBUG:
        message = "ALLOWED_HOSTS may not be *, or anybody's host name would stand in our links."
        raise ImproperlyConfigured(message)
    return found


# Required in production

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = refuse_weak(
    "SECRET_KEY",
    required("SECRET_KEY", "a secret of 50 or more random characters.") or "debug-only",
)
# Former keys: what they signed is valid until they are removed.
SECRET_KEY_FALLBACKS = [
    refuse_weak("SECRET_KEY_FALLBACKS", key) for key in listed("SECRET_KEY_FALLBACKS")
]
ALLOWED_HOSTS = hosts()
HTTPS = env.bool("HTTPS", not DEBUG)
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
SITE_URL = env.str("SITE_URL", f"{'https' if HTTPS else 'http'}://{ALLOWED_HOSTS[0]}").rstrip("/")

# How readers reach the people behind this server; nothing is shown where nothing is set
CONTACT_EMAIL = env.str("CONTACT_EMAIL", "")
SECURITY_CONTACT = env.str("SECURITY_CONTACT", "")

# Who answers for this site, on /about/
OPERATOR = env.str("OPERATOR", "").strip()
OPERATOR_ADDRESS = env.str("OPERATOR_ADDRESS", "").strip()
OPERATOR_REGISTRATION = env.str("OPERATOR_REGISTRATION", "").strip()
PUBLICATION_DIRECTOR = env.str("PUBLICATION_DIRECTOR", "").strip()
HOSTING_PROVIDER = env.str("HOSTING_PROVIDER", "").strip()
FUNDING = env.str("FUNDING", "").strip()
FUNDING_FR = env.str("FUNDING_FR", "").strip()

# Mail to those who sent a correction and left an address; none is sent where nothing is set
EMAIL_URL = env.str("EMAIL_URL", "").strip()


def mail_server() -> dict[str, Any]:
    """The parts of EMAIL_URL as Django's EMAIL_* settings."""
    parts: dict[str, Any] = dict(env.dj_email_url("EMAIL_URL", "dummy:") if EMAIL_URL else {})
    if EMAIL_URL and "EMAIL_BACKEND" not in parts:
        message = "EMAIL_URL must begin with submission:// or smtp://."
        raise ImproperlyConfigured(message)
    return parts


_mail = mail_server()
EMAIL_BACKEND = _mail.get("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
EMAIL_HOST, EMAIL_PORT = _mail.get("EMAIL_HOST") or "localhost", _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "") or CONTACT_EMAIL or "webmaster@localhost"

# The application

INSTALLED_APPS = [
    "companies",
    *("companies.agents", "companies.api", "companies.operations"),
    "accounts",
    "companies.apps.EditorsAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_filters",
    "drf_spectacular",
    "simple_history",
    "csp",
]

# The first four set headers and refuse nothing, so that every answer below them carries those.
MIDDLEWARE = [
    "pactwatch.headers.ResponseHeaders",
    "pactwatch.headers.ContentSecurityPolicy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "pactwatch.guards.RefuseMalformedRequests",
    "accounts.limits.api_limit.LimitRequests",
    "companies.api.quick.middleware.AnswerAPI",
    "pactwatch.tracking.DropTracking",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.sessions.RefreshSession",
    "accounts.limits.limited_requests.LimitedLogins",
    "simple_history.middleware.HistoryRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.enrolment.RequireSecondFactor",
]

ROOT_URLCONF = "pactwatch.urls"
WSGI_APPLICATION = "pactwatch.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "companies.pages.context.site",
            ],
        },
    },
]

# Data

SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 3,
    # FULL: what was acknowledged is on the disk even where the power fails.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
# A database that is away is noticed in seconds, and found again as soon as it is back.
POSTGRESQL = {"connect_timeout": 3, "tcp_user_timeout": 5000}
LIMITS = "-c statement_timeout=10s -c lock_timeout=3s"


def database(found: Any, patience: float = 3) -> dict[str, Any]:
    """A DATABASES entry with the options of its engine; `patience` is the timeout in seconds."""
    config: dict[str, Any] = dict(found)
    if config["ENGINE"] not in ("django.db.backends.sqlite3", "django.db.backends.postgresql"):
        message = "DATABASE_URL must begin with postgresql:// or sqlite:///."
        raise ImproperlyConfigured(message)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = config.get("OPTIONS", {}) | SQLITE
        config["CONN_MAX_AGE"] = None
    else:
        # Imports psycopg: 0.2 s, which a server on SQLite does not need.
        from pactwatch.outages.postgresql import ImpatientConnection

        pool: dict[str, Any] = {"timeout": patience, "reconnect_timeout": 3}
        pool |= {"connection_class": ImpatientConnection}
        # What is sent again and again is prepared (companies/queries/records/statements.py).
        ours = {"pool": pool, "options": LIMITS, "prepare_threshold": 0}
        server = ours if env.bool("DATABASE_POOL", True) else {}
        config["OPTIONS"] = POSTGRESQL | server | config.get("OPTIONS", {})
        config["CONN_MAX_AGE"] = 0
        config["CONN_HEALTH_CHECKS"] = True
    return config


# Streaming replicas, from which public pages are made (pactwatch/response_cache/replicas.py). A
# reader waits for one that is lost, or for a primary, and then gets the page from another.
REPLICAS = listed("REPLICA_URLS")
found = env.dj_db_url("DATABASE_URL", f"sqlite:///{BASE_DIR / 'var' / 'pactwatch.sqlite3'}")
DATABASES = {"default": database(found, patience=0.5 if REPLICAS else 3)}
for number, url in enumerate(REPLICAS, 1):
    if not url.startswith(("postgresql://", "postgres://")):
        message = "REPLICA_URLS must begin with postgresql://."
        raise ImproperlyConfigured(message)
    DATABASES[f"replica-{number}"] = database(dj_database_url.parse(url), patience=0.1)
# Copies of the register as recorded on past days.
DATABASE_ROUTERS = ["companies.queries.recorded.Router"]
RECORDED_DIR = env.path("RECORDED_DIR", BASE_DIR / "var" / "recorded")
CACHES = {"default": env.dj_cache_url("CACHE_URL", "locmem://pactwatch")}
if CACHES["default"]["BACKEND"].endswith("LocMemCache"):
    # Counters of limits, one for each client of the last minutes; Django's own limit is 300.
    CACHES["default"].setdefault("OPTIONS", {"MAX_ENTRIES": 5000})
# Finished answers, in the memory of each process: a page of the list is 8 KB, compressed.
KEPT_ANSWERS_MB = env.int("KEPT_ANSWERS_MB", 6, validate=validate.Range(0, 100_000))
# Reads the register's state, whose `number` grows with every edit: cached responses live as long.
REGISTER_STATE = "companies.queries.roster.table_state.read_state"
# That at which what an answer is about, by its header Surrogate-Key, last changed.
CHANGED_AT = "companies.queries.records.record_versions.changed_at"
# What needs neither Django's handler nor its middleware.
QUICK_ANSWERS = "companies.api.quick.middleware.quick_response"

# Which statuses need a second person before they are public: those that can harm a company, all,
# or none (off)
SECOND_PERSON = env.str(
    "SECOND_PERSON", "harmful", validate=validate.OneOf(["harmful", "all", "off"])
)

# The watch: the only hosts a list is fetched from, and who says it is fetching

WATCH_HOSTS = listed("WATCH_HOSTS") or [
    "digital-strategy.ec.europa.eu",
    "commission.europa.eu",
    "ec.europa.eu",
]
WATCH_USER_AGENT = f"PactWatch/1 (+{SITE_URL}/method/)"

# Checks of cited pages: the user agent, and the folder of their bytes

_contact = f"; {CONTACT_EMAIL}" if CONTACT_EMAIL.isascii() and CONTACT_EMAIL.isprintable() else ""
VERIFY_USER_AGENT = f"PactWatch/1 (+{SITE_URL}/method/{_contact if CONTACT_EMAIL else ''})"
KEPT_PAGES_DIR = env.path("KEPT_PAGES_DIR", BASE_DIR / "var" / "pages")
KEPT_PAGES_MB = env.int("KEPT_PAGES_MB", 500)

# Releases of the register, and the key that signs them: none signs nothing, and says so

RELEASES_DIR = env.path("RELEASES_DIR", BASE_DIR / "var" / "releases")


def hexadecimal(name: str, key: str) -> str:
    """Return `key` if it is 32 bytes in lower-case hexadecimal."""
    if key and not re.fullmatch("[0-9a-f]{64}", key):
        message = f"{name} must be 64 hexadecimal digits in lower case, which are 32 bytes."
        raise ImproperlyConfigured(message)
    return key


SIGNING_KEY = hexadecimal("SIGNING_KEY", env.str("SIGNING_KEY", "").strip())
# Former public keys: what they signed is valid.
FORMER_SIGNING_KEYS = [hexadecimal("FORMER_SIGNING_KEYS", k) for k in listed("FORMER_SIGNING_KEYS")]

# Personal data: the retention period of each kind in days, as shown on /privacy/.

A_DAY_OR_MORE = validate.Range(1, 36_500)
KEEP_EMAILS_DAYS = env.int("KEEP_EMAILS_DAYS", 90, validate=A_DAY_OR_MORE)
KEEP_MESSAGES_DAYS = env.int("KEEP_MESSAGES_DAYS", 3 * 365, validate=A_DAY_OR_MORE)
KEEP_NOTICES_DAYS = env.int("KEEP_NOTICES_DAYS", 2 * 365, validate=A_DAY_OR_MORE)
KEEP_LISTS_DAYS = env.int("KEEP_LISTS_DAYS", 30, validate=A_DAY_OR_MORE)
KEEP_DELIVERIES_DAYS = env.int("KEEP_DELIVERIES_DAYS", 30, validate=A_DAY_OR_MORE)
KEEP_UPLOADS_DAYS = env.int("KEEP_UPLOADS_DAYS", 365, validate=A_DAY_OR_MORE)
AUDIT_LOG_DAYS = env.int("AUDIT_LOG_DAYS", 365, validate=A_DAY_OR_MORE)
# The program only states it: the rotation of logs must match.
KEEP_LOGS_DAYS = env.int("KEEP_LOGS_DAYS", 15, validate=A_DAY_OR_MORE)
# `backup` deletes older ones, which hold e-mail addresses and saved lists.
KEEP_BACKUPS_DAYS = env.int("KEEP_BACKUPS_DAYS", 30, validate=A_DAY_OR_MORE)

# Backups, and the key that encrypts them: none leaves them readable
BACKUP_DIR = env.path("BACKUP_DIR", BASE_DIR / "var" / "backups")
BACKUP_KEY = hexadecimal("BACKUP_KEY", env.str("BACKUP_KEY", "").strip())
# Former keys: what they encrypted can be restored.
FORMER_BACKUP_KEYS = [hexadecimal("FORMER_BACKUP_KEYS", k) for k in listed("FORMER_BACKUP_KEYS")]

# Metrics for Prometheus, behind a token, without which nothing is counted; files of the processes
TWENTY_LETTERS = validate.Regexp(r"(\S{20,})?\Z", error="20 or more characters without blanks.")
METRICS_TOKEN = env.str("METRICS_TOKEN", "", validate=TWENTY_LETTERS)
METRICS_DIR = env.path("METRICS_DIR", BASE_DIR / "var" / "metrics")

# Alerts by mail to whoever runs the site, in their language, and after how many days each is one
ALERT_EMAILS = listed("ALERT_EMAILS")
ALERT_LANGUAGE = env.str("ALERT_LANGUAGE", "en", validate=validate.OneOf(["en", "fr"]))
ALERT_LIST_DAYS = env.int("ALERT_LIST_DAYS", 3, validate=A_DAY_OR_MORE)
ALERT_BACKUP_DAYS = env.int("ALERT_BACKUP_DAYS", 2, validate=A_DAY_OR_MORE)
ALERT_CORRECTION_DAYS = env.int("ALERT_CORRECTION_DAYS", 7, validate=A_DAY_OR_MORE)
ALERT_PROPOSAL_DAYS = env.int("ALERT_PROPOSAL_DAYS", 7, validate=A_DAY_OR_MORE)

# Language and time
LANGUAGE_CODE = "en"
# Each language by its own name; its pages are under /<code>/, the first one's at the root.
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = "pactwatch.formats"
USE_TZ = True
TIME_ZONE = "Europe/Brussels"

# Static files

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
COMPRESSED = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": PLAIN if DEBUG else COMPRESSED},
}

# Editors

AUTHENTICATION_BACKENDS = ["accounts.limits.backends.LimitedBackend"]
PASSWORD_HASHERS = [
    f"accounts.limits.hashers.{name}" for name in ("BoundedArgon2", "BoundedPBKDF2")
]
BREACHED_PASSWORDS_FILE = env.str("BREACHED_PASSWORDS_FILE", "")
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "accounts.passwords.LongestValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.PatternValidator"},
    {"NAME": "accounts.passwords.BreachedPasswordValidator"},
]
AN_HOUR_OR_MORE = validate.Range(1, 720)
SESSION_ENGINE = "accounts.session_store"
SESSION_IDLE_HOURS = env.int("SESSION_IDLE_HOURS", 8, validate=AN_HOUR_OR_MORE)
SESSION_MAX_HOURS = env.int("SESSION_MAX_HOURS", 24, validate=AN_HOUR_OR_MORE)
SESSION_COOKIE_AGE = SESSION_IDLE_HOURS * 3600  # before a login; accounts/session_store.py after it
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"  # where a login leads whose `next` was refused
# Not derived from HTTPS: a proxy that is set up wrong must not turn it off.
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", not DEBUG)
ACCOUNT_ADAPTER, MFA_ADAPTER = "accounts.adapter.AccountAdapter", "accounts.adapter.FactorAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.login_forms.LoginForm",
    "change_password": "accounts.login_forms.ChangePasswordForm",  # nosec B105  # a form
}
ACCOUNT_LOGIN_METHODS, ACCOUNT_SIGNUP_FIELDS = {"username"}, ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # seconds, after a login too
# Codes of one account; whoever tries them knew its password. None counts by address, which all
# readers share behind a proxy.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": "5/5m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",  # nosec B105  # a rate
}
MFA_FORMS = {
    "authenticate": "accounts.login_forms.AuthenticateForm",
    "reauthenticate": "accounts.login_forms.ConfirmForm",
    "add_webauthn": "accounts.login_forms.AddKeyForm",
    "edit_webauthn": "accounts.login_forms.RenameKeyForm",
    "authenticate_webauthn": "accounts.login_forms.AuthenticateKeyForm",
    "reauthenticate_webauthn": "accounts.login_forms.ConfirmKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "PactWatch"
MFA_TOTP_TOLERANCE = 1  # half-minutes that a phone's clock may be wrong
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # none is verified: nobody signs up
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # keys on your own machine, at http://localhost
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

# Safety: what every answer carries

SECURE_SSL_REDIRECT = HTTPS and env.bool("SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = ["^api/"]  # which pactwatch/guards.py refuses over plain HTTP
# Where plain HTTP is sent on to: never to a host name that the request brought along.
SECURE_SSL_HOST = SITE_URL.partition("://")[2]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Browsers keep a preloaded host for years, so this is opt-in.
SECURE_HSTS_PRELOAD = HTTPS and env.bool("HSTS_PRELOAD", False)
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # which wants everybody to preload
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
if HTTPS:
    # Browsers take a cookie of this name only from this very host, over HTTPS.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "companies.pages.errors.not_of_our_form"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        # Nothing is loaded but what a line below names, and that from this host alone.
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# The check of 2,000 suppliers may send a decision for each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_500

# The API

# For each client, cached responses apart; 0 is no limit.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", 600, validate=validate.Range(0))
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],  # a view that reads a body says how
    "DEFAULT_PAGINATION_CLASS": "companies.api.pagination.RegisterPagination",
    "DEFAULT_SCHEMA_CLASS": "companies.api.schema.RegisterSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "companies.api.negotiation.RegisterNegotiation",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "companies.api.exceptions.problem_handler",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "PactWatch API",
    "VERSION": VERSION,
    "DESCRIPTION": (
        "The public register of who signed the EU AI Pact and its sister pacts, since when, what "
        "they pledged, and the evidence. It changes nothing and needs no key.\n\n"
        "**Quote it fairly.** `not_signed` is what we saw on a list on a day, not a refusal; "
        "`no_evidence` is what we found, not what a company did. Pledges are not legally binding."
    ),
    "LICENSE": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
    "SERVERS": [{"url": SITE_URL}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [],
    "ENUM_NAME_OVERRIDES": {
        "SigningStatus": "companies.models.Signing.Status",
        "Precision": "companies.models.Precision",
        "SinceBasis": "companies.models.Signing.SinceBasis",
        "Confidence": "companies.models.Confidence",
        "PledgeBasis": "companies.models.Pledge.Basis",
        "Implementation": "companies.models.Pledge.Implementation",
        "SourceKind": "companies.models.Source.Kind",
        "CommitmentKind": "companies.models.Commitment.Kind",
        "NameKind": "companies.models.CompanyName.Kind",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "companies.api.schema.allow_chosen_fields",
        "companies.api.schema.allow_empty_values",
    ],
}

# Logging

LOG_FORMAT = env.str("LOG_FORMAT", "text", validate=validate.OneOf(["text", "json"]))
REQUEST_LOG = env.bool("REQUEST_LOG", False)
# Statements that take so long are logged; 0 logs none.
SLOW_QUERY_MS = env.int("SLOW_QUERY_MS", 500, validate=validate.Range(0, 3_600_000))
LOGGING = to_stderr(env.log_level("LOG_LEVEL", logging.INFO), as_json=LOG_FORMAT == "json")
