"""Addresses that programs read and that have no language."""

from django.urls import path

from . import files as machine

urlpatterns = [
    path("robots.txt", machine.robots, name="robots"),
    path("sitemap.xml", machine.sitemap, name="sitemap"),
    path("llms.txt", machine.llms, name="llms"),
    path(".well-known/security.txt", machine.security, name="security-txt"),
    path("favicon.ico", machine.favicon, name="favicon"),
    path("healthz/live", machine.live, name="healthz-live"),
    path("healthz/ready", machine.ready, name="healthz-ready"),
]
