"""Of the register as it is published, each company is answered as serializers write it."""

import pytest
from django.conf import settings

from companies.models import Company
from companies.register import read_table
from companies.register.filling.quick_load import load_folder
from tests.sampling import ALL
from tests.serialized import assert_answers_are_those_of_serializers
from tests.sharing import shared

pytestmark = [pytest.mark.django_db, pytest.mark.history]


def load():
    load_folder(settings.BASE_DIR / "companies" / "data", reason="test")
    read_table.rebuild()


loaded = shared(load, history=True)


@pytest.mark.database
def test_the_quick_api_equals_the_serializers_for_the_seed_register():
    """One of four is asked for alone, in `make test-all` each; lists have all."""
    assert Company.objects.count() > 150
    assert_answers_are_those_of_serializers(every=1 if ALL else 4)
