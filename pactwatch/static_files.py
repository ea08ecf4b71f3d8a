"""What `collectstatic` takes along: the files that a page of ours asks for."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class OurStaticFiles(StaticFilesConfig):
    # A second reader of the API's schema.
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "redoc"]
