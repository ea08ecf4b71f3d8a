"""The settings of every process of the tests; a DATABASE_URL from outside chooses the database.

To be imported before Django reads its settings.
"""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "pactwatch.settings"
os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 50
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["SITE_URL"] = "http://testserver"
os.environ["DEBUG"] = "off"
os.environ["HTTPS"] = "off"
os.environ["REQUIRE_SECOND_FACTOR"] = "off"
os.environ["SECOND_PERSON"] = "off"  # tests/test_second_person.py sets what it is by default
os.environ["API_REQUESTS_PER_MINUTE"] = "0"  # of all tests together it would be reached
os.environ["SLOW_QUERY_MS"] = "0"  # on a busy machine each line of the log could be one
os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")
