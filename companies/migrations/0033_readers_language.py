"""The language of a quote and our translation of it, and the French name of a publisher."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0032_sender_confirmed'),
    ]

    operations = [
        migrations.AddField(
            model_name='citation',
            name='language',
            field=models.CharField(blank=True, db_default='', default='', help_text='Two letters, such as “de”. Leave empty if the quote is a name only.', max_length=2, validators=[django.core.validators.RegexValidator('\\A[a-z]{2}\\Z', 'Two lower-case letters.')], verbose_name='language of the quote'),
        ),
        migrations.AddField(
            model_name='citation',
            name='translation_en',
            field=models.TextField(blank=True, db_default='', default='', max_length=1000, verbose_name='our translation into English'),
        ),
        migrations.AddField(
            model_name='citation',
            name='translation_fr',
            field=models.TextField(blank=True, db_default='', default='', max_length=1000, verbose_name='our translation into French'),
        ),
        migrations.AddField(
            model_name='historicalcitation',
            name='language',
            field=models.CharField(blank=True, db_default='', default='', help_text='Two letters, such as “de”. Leave empty if the quote is a name only.', max_length=2, validators=[django.core.validators.RegexValidator('\\A[a-z]{2}\\Z', 'Two lower-case letters.')], verbose_name='language of the quote'),
        ),
        migrations.AddField(
            model_name='historicalcitation',
            name='translation_en',
            field=models.TextField(blank=True, db_default='', default='', max_length=1000, verbose_name='our translation into English'),
        ),
        migrations.AddField(
            model_name='historicalcitation',
            name='translation_fr',
            field=models.TextField(blank=True, db_default='', default='', max_length=1000, verbose_name='our translation into French'),
        ),
        migrations.AddField(
            model_name='historicalsource',
            name='publisher_fr',
            field=models.CharField(blank=True, db_default='', default='', help_text='Leave empty when it goes by the same name.', max_length=200, verbose_name='publisher in French'),
        ),
        migrations.AddField(
            model_name='source',
            name='publisher_fr',
            field=models.CharField(blank=True, db_default='', default='', help_text='Leave empty when it goes by the same name.', max_length=200, verbose_name='publisher in French'),
        ),
        migrations.AddConstraint(
            model_name='citation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('translation_en', ''), ('translation_fr', '')), models.Q(models.Q(('quote', ''), _negated=True), models.Q(('language', ''), _negated=True)), _connector='OR'), name='citation_translates_a_quote', violation_error_message='A translation needs the quote and its language.'),
        ),
    ]
