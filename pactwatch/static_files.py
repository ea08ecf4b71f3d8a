"""What `collectstatic` takes along: the files that a page of ours asks for."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class OurStaticFiles(StaticFilesConfig):
    # A second reader of the API's schema, and REST framework's own pages: 16 of 33 MB.
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "redoc", "rest_framework"]
