"""Names of companies for a field that suggests them as one types."""

from django.http import HttpRequest, JsonResponse
from django.utils.cache import patch_cache_control

from companies import queries

MAX_AGE = 300  # seconds, for which a browser need not ask again


def names(request: HttpRequest) -> JsonResponse:
    query = queries.NamesQuery.of(request)
    query.refuse_faults()
    text = query.form.cleaned_data["q"]
    response = JsonResponse({"q": text, "names": queries.suggested_names(text)})
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return response
