from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CompaniesConfig(AppConfig):
    name = "companies"
    verbose_name = _("the register")

    def ready(self) -> None:
        from companies.register import history

        history.connect()
