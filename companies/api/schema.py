"""The OpenAPI document: parameters from the filters, problems for what can go wrong."""

from typing import Any

from drf_spectacular.openapi import AutoSchema


class RegisterSchema(AutoSchema):
    """Describes the register's views from what they declare."""
