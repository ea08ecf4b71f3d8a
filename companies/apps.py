from typing import Any

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.contrib.admin import autodiscover, checks
from django.core.checks import CheckMessage, Tags, register
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _

from pactwatch.system_checks import check_catalogues, check_contacts, check_links


class CompaniesConfig(AppConfig):
    name = "companies"
    verbose_name = _("the register")

    def ready(self) -> None:
        from companies.register import history, implied_pledges, read_table
        from companies.register.approval import notices, second_person
        from companies.register.publishing.after_migrating import record_after_migrating
        from companies.register.publishing.before_migrating import hash_before_migrating
        from companies.register.publishing.publish import publish
        from pactwatch.measuring import slow_queries

        slow_queries.connect()
        history.connect(
            check=second_person.check,
            notify=notices.of_unit,
            imply=implied_pledges.write,
            publish=publish,
            write_table=read_table.write,
        )
        pre_migrate.connect(hash_before_migrating, sender=self)
        post_migrate.connect(record_after_migrating, sender=self)
        post_migrate.connect(read_table.rebuild_after_migrating, sender=self)
        register(check_catalogues, Tags.translation)
        register(check_contacts, Tags.security, deploy=True)
        register(check_links, Tags.security, deploy=True)
        register(second_person.check_setting, Tags.security, deploy=True)
        register(second_person.check_persons, Tags.database)


class EditorsAdmin(admin.SimpleAdminConfig):
    """The admin site, imported with the first request of an editor."""

    default = False  # of this module, CompaniesConfig is

    def ready(self) -> None:
        register(checks.check_dependencies, Tags.admin)
        register(check_screens, Tags.admin)


def check_screens(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    autodiscover()
    return checks.check_admin_app(app_configs, **kwargs)
