"""The description of the API: schema/ for programs, docs/ for people."""

from functools import cache
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from companies.queries import BadParameter, BadQuery, refuse_parameters

FORMATS = ("json", "yaml")


@cache
def document() -> Any:
    """The OpenAPI document, generated once: it depends on the code alone."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # it has no types


class Schema(SpectacularAPIView):
    """The OpenAPI document as YAML or JSON, chosen by `format=` or else by Accept."""

    def get_renderers(self) -> list[BaseRenderer]:
        name = self.request.GET.get("format")
        chosen = [r for r in super().get_renderers() if name in (r.format, None)]
        return chosen or super().get_renderers()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        refuse_parameters(request.query_params, known=["format"])
        given = request.query_params.getlist("format")
        if given and (len(given) > 1 or given[0] not in FORMATS):
            raise BadQuery([BadParameter("format", "There is no such format.", list(FORMATS))])
        return Response(document())


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI below a short introduction; the CSP requires its script at a URL of its own."""

    url_name = "api:schema"
    template_name = "companies/api/docs.html"
    template_name_js = "companies/api/docs.js"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        refuse_parameters(request.query_params, known=["script"])
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]  # it has no types
        return response


# The style sheet of Swagger UI has data: images.
docs = csp_update({"img-src": [SELF, "data:"]})(Docs.as_view())
