from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from pactwatch.system_checks import check_catalogues, check_contacts, check_links


class CompaniesConfig(AppConfig):
    name = "companies"
    verbose_name = _("the register")

    def ready(self) -> None:
        from companies.register import history, implied_pledges, read_table
        from companies.register.publishing.opening import record_after_migrating
        from companies.register.publishing.publish import publish

        history.connect(imply=implied_pledges.write, publish=publish, keep=read_table.keep)
        post_migrate.connect(record_after_migrating, sender=self)
        post_migrate.connect(read_table.rebuild_after_migrating, sender=self)
        register(check_catalogues, Tags.translation)
        register(check_contacts, Tags.security, deploy=True)
        register(check_links, Tags.security, deploy=True)
        register(read_table.check_name_index, Tags.database)
