"""Every database has the drugs of the reference data."""

from django.db import migrations

from medications.catalogue.load import load


def forwards(apps, schema_editor):
    load(apps.get_model("medications_catalogue", "Drug"), apps.get_model("medications_catalogue", "Product"))


class Migration(migrations.Migration):
    dependencies = [("medications_catalogue", "0001_initial")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
