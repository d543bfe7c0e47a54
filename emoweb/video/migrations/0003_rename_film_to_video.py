"""Rename the models; tables, columns, indexes and constraints keep their names: no statement is run."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("video", "0002_film_video_tracks"),
    ]

    operations = [
        migrations.AlterModelTable(name="film", table="video_film"),
        migrations.AlterModelTable(name="filmsample", table="video_filmsample"),
        migrations.RenameModel(old_name="Film", new_name="Video"),
        migrations.RenameModel(old_name="FilmSample", new_name="VideoSample"),
        migrations.AlterField(
            model_name="videosample",
            name="film",
            field=models.ForeignKey(
                db_column="film_id",
                on_delete=django.db.models.deletion.CASCADE,
                related_name="samples",
                to="video.video",
            ),
        ),
        # The constraint is on the same columns: only its fields have other names.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(model_name="videosample", name="one_film_sample_a_second"),
            ],
        ),
        migrations.RenameField(model_name="videosample", old_name="film", new_name="video"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint(
                    model_name="videosample",
                    constraint=models.UniqueConstraint(
                        fields=("video", "second", "face"), name="one_film_sample_a_second"
                    ),
                ),
            ],
        ),
    ]
