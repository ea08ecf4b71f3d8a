"""Labels and help of editors in plain words."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_audit_log_and_sessions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accountevent',
            name='by',
            field=models.CharField(blank=True, help_text='Empty if no one was logged in.', max_length=150, verbose_name='by'),
        ),
        migrations.AlterField(
            model_name='accountevent',
            name='kind',
            field=models.CharField(choices=[('logged_in', 'logged in'), ('failed', 'wrong name or password'), ('code_failed', 'wrong second factor'), ('refused', 'blocked: too many attempts'), ('logged_out', 'logged out'), ('factor_added', 'second factor added'), ('factor_removed', 'second factor removed'), ('factor_reset', 'new recovery codes'), ('recovery_used', 'recovery code used'), ('password', 'password changed'), ('session_ended', 'session ended'), ('created', 'account created'), ('rights', 'rights changed'), ('deleted', 'account deleted'), ('exported', 'exported')], max_length=20, verbose_name='what happened'),
        ),
    ]
