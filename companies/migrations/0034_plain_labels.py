"""Labels and help of editors in plain words."""

import companies.models.changes
import companies.models.company
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0033_readers_language'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='change',
            name='about',
            field=models.JSONField(blank=True, default=dict, encoder=companies.models.changes.CanonicalEncoder, help_text='Values that did not change, to tell readers which row it is.', verbose_name='known by'),
        ),
        migrations.AlterField(
            model_name='change',
            name='key',
            field=models.JSONField(blank=True, default=dict, encoder=companies.models.changes.CanonicalEncoder, help_text='The columns that identify the row in the data package, with their values after the change.', verbose_name='public key'),
        ),
        migrations.AlterField(
            model_name='company',
            name='country',
            field=models.CharField(blank=True, db_index=True, help_text='ISO 3166-1 code, such as FR. Leave empty if no source states it.', max_length=2, validators=[companies.models.company.known_country], verbose_name='country of headquarters'),
        ),
        migrations.AlterField(
            model_name='correction',
            name='company_name',
            field=models.CharField(blank=True, max_length=200, verbose_name='company, as named by the sender'),
        ),
        migrations.AlterField(
            model_name='correction',
            name='email',
            field=models.EmailField(blank=True, help_text='Never public. Deleted some time after we answer.', max_length=254, verbose_name='e-mail'),
        ),
        migrations.AlterField(
            model_name='historicalcompany',
            name='country',
            field=models.CharField(blank=True, db_index=True, help_text='ISO 3166-1 code, such as FR. Leave empty if no source states it.', max_length=2, validators=[companies.models.company.known_country], verbose_name='country of headquarters'),
        ),
        migrations.AlterField(
            model_name='historicalopinion',
            name='author_en',
            field=models.CharField(help_text='Who says so, and when, if the source gives a date.', max_length=200, verbose_name='author, in English'),
        ),
        migrations.AlterField(
            model_name='historicalpact',
            name='issuer_fr',
            field=models.CharField(blank=True, help_text='Leave empty if the name is the same.', max_length=200, verbose_name='issuer in French'),
        ),
        migrations.AlterField(
            model_name='historicalpact',
            name='report_after_months',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Leave empty if the pact invites no report.', null=True, verbose_name='months until a report is invited'),
        ),
        migrations.AlterField(
            model_name='historicalpublishedshare',
            name='signatories',
            field=models.PositiveIntegerField(blank=True, help_text='Leave empty if the source gives no number.', null=True, verbose_name='of how many signatories'),
        ),
        migrations.AlterField(
            model_name='historicalretraction',
            name='published_from',
            field=models.DateField(help_text='First day the register showed it.', verbose_name='published from'),
        ),
        migrations.AlterField(
            model_name='historicalsource',
            name='publisher_fr',
            field=models.CharField(blank=True, db_default='', default='', help_text='Leave empty if the name is the same.', max_length=200, verbose_name='publisher in French'),
        ),
        migrations.AlterField(
            model_name='importrun',
            name='accepted',
            field=models.BooleanField(db_default=False, default=False, help_text='The checks would have refused it. The person who read it had looked at the page.', verbose_name='accepted by an operator'),
        ),
        migrations.AlterField(
            model_name='importrun',
            name='documents',
            field=models.JSONField(blank=True, db_default=[], default=list, help_text='For a list of several pages: each in order, with address, size in bytes, hash and number of names. The original file holds them one after the other.', verbose_name='pages'),
        ),
        migrations.AlterField(
            model_name='importrun',
            name='part_because',
            field=models.TextField(blank=True, db_default='', default='', help_text='According to the page. Empty if the person reading it said so.', verbose_name='why it is partial'),
        ),
        migrations.AlterField(
            model_name='opinion',
            name='author_en',
            field=models.CharField(help_text='Who says so, and when, if the source gives a date.', max_length=200, verbose_name='author, in English'),
        ),
        migrations.AlterField(
            model_name='pact',
            name='issuer_fr',
            field=models.CharField(blank=True, help_text='Leave empty if the name is the same.', max_length=200, verbose_name='issuer in French'),
        ),
        migrations.AlterField(
            model_name='pact',
            name='report_after_months',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Leave empty if the pact invites no report.', null=True, verbose_name='months until a report is invited'),
        ),
        migrations.AlterField(
            model_name='proposal',
            name='difference',
            field=models.CharField(db_index=True, help_text='What the proposal is about, whichever run makes it.', max_length=64, verbose_name='difference'),
        ),
        migrations.AlterField(
            model_name='publishedshare',
            name='signatories',
            field=models.PositiveIntegerField(blank=True, help_text='Leave empty if the source gives no number.', null=True, verbose_name='of how many signatories'),
        ),
        migrations.AlterField(
            model_name='quotecheck',
            name='reason',
            field=models.CharField(blank=True, choices=[('status', 'status code of the server’s answer'), ('no_answer', 'no answer in time'), ('no_connection', 'no connection'), ('no_host', 'host not found'), ('certificate', 'no valid certificate'), ('address', 'an address we do not fetch'), ('redirects', 'too many redirects'), ('size', 'a page too large to read'), ('empty', 'an empty page'), ('encoding', 'an unexpected compression'), ('robots', 'robots.txt asks programs to stay away'), ('pdf', 'a PDF without readable text'), ('not_text', 'not a text document'), ('hardly_any_text', 'almost no text without JavaScript'), ('asks_first', 'asks for consent or a login first'), ('error_page', 'the page reports an error'), ('front_page', 'redirects to the home page'), ('hidden', 'the quote is hidden or struck out')], max_length=15, verbose_name='reason'),
        ),
        migrations.AlterField(
            model_name='quotecheck',
            name='since',
            field=models.DateField(help_text='The first of the checks with this result.', verbose_name='result since'),
        ),
        migrations.AlterField(
            model_name='retraction',
            name='published_from',
            field=models.DateField(help_text='First day the register showed it.', verbose_name='published from'),
        ),
        migrations.AlterField(
            model_name='source',
            name='publisher_fr',
            field=models.CharField(blank=True, db_default='', default='', help_text='Leave empty if the name is the same.', max_length=200, verbose_name='publisher in French'),
        ),
        migrations.AlterConstraint(
            model_name='correction',
            name='correction_decision_has_who_when_and_reply',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('state__in', ['accepted', 'declined'])), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), models.Q(('reply', ''), _negated=True)), models.Q(('closed_at', None), ('closed_by', None), ('state__in', ['received', 'checking'])), _connector='OR'), name='correction_decision_has_who_when_and_reply', violation_error_message='A closed correction needs a date, a public reply and who closed it. An open one has none of these.'),
        ),
        migrations.AlterConstraint(
            model_name='correction',
            name='correction_taken_has_who_and_when',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'received'), ('taken_at', None), ('taken_by', None)), models.Q(('state', 'checking'), ('taken_at__isnull', False), ('taken_by__isnull', False)), ('state__in', ['accepted', 'declined']), _connector='OR'), name='correction_taken_has_who_and_when', violation_error_message='A correction being checked needs a date and who took it.'),
        ),
        migrations.AlterConstraint(
            model_name='correction',
            name='correction_withdrawal_has_who_when_and_why',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_reason', ''), ('withdrawn_at', None), ('withdrawn_by', None)), models.Q(models.Q(('kind', 'statement'), ('state', 'accepted')), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='correction_withdrawal_has_who_when_and_why', violation_error_message='Only a published statement can be withdrawn. Record who did it, when and why.'),
        ),
        migrations.AlterConstraint(
            model_name='milestone',
            name='milestone_moved_from_another_day',
            constraint=models.CheckConstraint(condition=models.Q(('moved_from__isnull', True), models.Q(('moved_from', models.F('date')), _negated=True), _connector='OR'), name='milestone_moved_from_another_day', violation_error_message='“Moved from” must be a different date.'),
        ),
        migrations.AlterConstraint(
            model_name='milestone',
            name='milestone_reports_have_their_pact',
            constraint=models.CheckConstraint(condition=models.Q(('reports_received__isnull', True), ('pact__isnull', False), _connector='OR'), name='milestone_reports_have_their_pact', violation_error_message='A number of reports needs its pact.'),
        ),
        migrations.AlterConstraint(
            model_name='opinion',
            name='opinion_position_unique',
            constraint=models.UniqueConstraint(fields=('pact', 'position'), name='opinion_position_unique', violation_error_message='Another opinion on this pact already has this position.'),
        ),
        migrations.AlterConstraint(
            model_name='proposal',
            name='proposal_decision_has_who_and_when',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['applied', 'rejected']), _negated=True), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='proposal_decision_has_who_and_when', violation_error_message='A decided proposal needs a date and who decided it.'),
        ),
        migrations.AlterConstraint(
            model_name='publishedshare',
            name='publishedshare_is_a_percentage',
            constraint=models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='publishedshare_is_a_percentage', violation_error_message='A share cannot be more than 100 percent.'),
        ),
        migrations.AlterConstraint(
            model_name='quotecheck',
            name='quotecheck_found_has_its_day',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('result', 'found'), _negated=True), ('found_on__isnull', False), _connector='OR'), name='quotecheck_found_has_its_day', violation_error_message='A quote that was found needs the date.'),
        ),
        migrations.AlterConstraint(
            model_name='refusedmatch',
            name='refusedmatch_unique',
            constraint=models.UniqueConstraint(fields=('company', 'name_folded'), name='refusedmatch_unique', violation_error_message='This match has already been refused.'),
        ),
    ]
