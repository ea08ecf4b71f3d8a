"""Changes are facts: each write to a public table, in public values, worded when it is read.

What was recorded before was sentences, which cannot be made into facts. So the chain begins anew:
once all tables are there, `companies.register.publishing.opening` writes the whole register as the
first entries, and a line that says so.
"""

from importlib import import_module

import companies.models.changes
from django.db import migrations, models

append_only = import_module("companies.migrations.0001_squashed_0016_published_shares")


class Migration(migrations.Migration):
    dependencies = [("companies", "0001_squashed_0016_published_shares")]
    operations = [
        migrations.RunPython(append_only.remove_triggers, append_only.add_triggers),
        migrations.DeleteModel("Change"),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('number', models.PositiveBigIntegerField(primary_key=True, serialize=False, verbose_name='number')),
                ('table', models.CharField(blank=True, help_text='As the data package names it.', max_length=30, verbose_name='table')),
                ('key', models.JSONField(blank=True, default=dict, encoder=companies.models.changes.CanonicalEncoder, help_text='The columns that name the row in the data package, as they are after it.', verbose_name='public key')),
                ('fields', models.JSONField(blank=True, default=dict, encoder=companies.models.changes.CanonicalEncoder, help_text='Each column that changed, with its old and its new value; null where there was no row before, or is none any more.', verbose_name='fields')),
                ('about', models.JSONField(blank=True, default=dict, encoder=companies.models.changes.CanonicalEncoder, help_text='Values then that did not change, but say to a reader which row it is.', verbose_name='known by')),
                ('kind', models.CharField(choices=[('status', 'signing status'), ('pledge', 'pledge'), ('report', 'progress report'), ('evidence', 'evidence'), ('profile', 'profile of a company'), ('name', 'name of a company'), ('pact', 'pact'), ('source', 'source'), ('register', 'register as a whole')], max_length=10, verbose_name='kind')),
                ('company_slug', models.SlugField(blank=True, max_length=100, verbose_name='company')),
                ('company_name', models.CharField(blank=True, max_length=200, verbose_name='company’s name then')),
                ('pact_slug', models.SlugField(blank=True, max_length=60, verbose_name='pact')),
                ('subject', models.CharField(blank=True, help_text='The code of a commitment, the period of a report or the public id of a source.', max_length=100, verbose_name='subject')),
                ('happened_on', models.DateField(blank=True, help_text='The day in the world; empty where only the register changed.', null=True, verbose_name='happened on')),
                ('happened_precision', models.CharField(choices=[('day', 'day'), ('month', 'month'), ('year', 'year')], default='day', max_length=5, verbose_name='precision')),
                ('cause', models.CharField(choices=[('world', 'something happened'), ('source', 'a source was found or changed'), ('correction', 'we corrected an error'), ('method', 'we changed our method')], max_length=10, verbose_name='cause')),
                ('material', models.BooleanField(default=True, verbose_name='material')),
                ('has_line', models.BooleanField(default=True, help_text='False where the line of another change tells it too.', verbose_name='has a line of its own')),
                ('recorded_at', models.DateTimeField(db_index=True, verbose_name='recorded at')),
                ('by_role', models.CharField(choices=[('editor', 'an editor'), ('reviewer', 'a reviewer'), ('company', 'the company'), ('machine', 'a command')], max_length=10, verbose_name='by')),
                ('previous_hash', models.CharField(max_length=64, verbose_name='hash of the change before')),
                ('hash', models.CharField(max_length=64, verbose_name='hash')),
            ],
            options={
                'verbose_name': 'change',
                'verbose_name_plural': 'changes',
                'ordering': ['-number'],
                'indexes': [models.Index(condition=models.Q(('has_line', True)), fields=['material', 'number'], name='change_with_line')],
            },
        ),
        migrations.RunPython(append_only.add_triggers, append_only.remove_triggers),
    ]
