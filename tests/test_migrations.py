"""New migrations run while the version before is in use."""

import pytest
from django.db import connection, migrations, models
from django.db.migrations import Migration, RunPython
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now

from core.migration_operations import AddIndexConcurrently
from tests.migration_rules import ALLOWED, BASELINE, faults_of, new_migrations


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None)


@pytest.fixture(scope="module")
def today(loader: MigrationLoader) -> ProjectState:
    """All tables as the newest migrations leave them."""
    return loader.project_state()


def test_new_migrations_run_beside_the_version_before(loader: MigrationLoader) -> None:
    found = {}
    for migration in new_migrations(loader):
        before = loader.project_state((migration.app_label, migration.name), at_end=False)
        if faults := faults_of(migration, before):
            found[f"{migration.app_label}.{migration.name}"] = faults
    assert {name: faults for name, faults in found.items() if name not in ALLOWED} == {}
    assert ALLOWED.keys() <= found.keys(), "these need no permission any more"


def test_all_that_are_newer_than_the_baseline_are_looked_at(loader: MigrationLoader) -> None:
    found = {(migration.app_label, migration.name) for migration in new_migrations(loader)}
    assert {("office", "0015_parts_of_exports"), ("office", "0016_files_of_exports")} <= found
    assert "account" not in {app for app, _name in found}, "those of packages are not ours"


def test_the_baseline_names_migrations_that_are_there(loader: MigrationLoader) -> None:
    there = {(app, int(name[:4])) for app, name in loader.disk_migrations}
    assert set(BASELINE.items()) <= there


def nothing(_apps: object, _schema_editor: object) -> None:
    pass


COPY = RunPython(nothing, RunPython.noop)
NEW_COLUMN = migrations.AddField("weborder", "colour", models.CharField(max_length=9, null=True))
INDEX = models.Index(fields=["made_at"], name="planted")
TABLE = migrations.CreateModel("Planted", [("id", models.BigAutoField(primary_key=True))])


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        (migrations.RemoveField("weborder", "status"), "removes a column"),
        (migrations.DeleteModel("Line"), "deletes a table"),
        (migrations.RenameField("weborder", "status", "state"), "renames a column"),
        (migrations.RenameModel("Line", "Piece"), "renames a table"),
        (migrations.AlterModelTable("line", "piece"), "renames a table"),
        (migrations.AlterUniqueTogether("line", {("order", "variant")}), "unique"),
        (
            migrations.AddConstraint(
                "line", models.UniqueConstraint(fields=["order", "variant"], name="planted")
            ),
            "may not keep",
        ),
        (migrations.RunSQL("DROP TABLE orders_line", ""), "nobody can judge"),
        (
            migrations.AddIndex("weborder", models.Index(fields=["status"], name="planted")),
            "who writes waits",
        ),
        (
            migrations.AddField("weborder", "colour", models.CharField(max_length=9, default="")),
            "does not give colour",
        ),
        (migrations.AlterField("weborder", "ordered_on", models.DateTimeField()), "must have a value"),
        (migrations.AlterField("weborder", "order_no", models.TextField()), "another type"),
        (migrations.AlterField("weborder", "order_no", models.CharField(max_length=9)), "shorter"),
        (
            migrations.AlterField("weborder", "order_no", models.CharField(max_length=255, unique=True)),
            "must be unique",
        ),
        (
            migrations.SeparateDatabaseAndState([migrations.RemoveField("weborder", "status")], []),
            "removes a column",
        ),
        (RunPython(nothing), "cannot be taken back"),
        ([NEW_COLUMN, COPY], "changes rows and tables"),
        (
            [AddIndexConcurrently("weborder", models.Index(fields=["status"], name="planted"))],
            "atomic = False",
        ),
    ],
)
def test_a_planted_one_is_named(today: ProjectState, planted: Operation | list[Operation], said: str) -> None:
    [fault] = faults_of(a_migration(planted), today)
    assert said in fault


@pytest.mark.parametrize(
    "planted",
    [
        NEW_COLUMN,
        COPY,
        migrations.AddField("weborder", "seen", models.DateTimeField(db_default=Now())),
        migrations.AddField("weborder", "shops", models.ManyToManyField("accounts.shop")),
        migrations.AlterField("weborder", "order_no", models.CharField(max_length=300)),
        migrations.AlterField("weborder", "ordered_on", models.DateTimeField(db_default=Now())),
        migrations.RemoveConstraint("weborder", "any"),
        [
            TABLE,
            migrations.AddField("planted", "made_at", models.DateTimeField()),
            migrations.AddIndex("planted", INDEX),
        ],
        # A release after the one that stopped using it, the column goes.
        migrations.SeparateDatabaseAndState([], [migrations.RemoveField("weborder", "status")]),
    ],
)
def test_what_the_version_before_does_not_feel_is_no_fault(
    today: ProjectState, planted: Operation | list[Operation]
) -> None:
    state = today.clone()
    state.models["orders", "weborder"].options["constraints"].append(
        models.CheckConstraint(condition=models.Q(), name="any")
    )
    assert faults_of(a_migration(planted), state) == []


def a_migration(planted: Operation | list[Operation]) -> Migration:
    listed = planted if isinstance(planted, list) else [planted]
    migration: Migration = type("Planted", (Migration,), {"operations": listed})("9999_planted", "orders")
    return migration


@pytest.mark.django_db(transaction=True)
def test_an_index_is_made_and_dropped_on_either_database(today: ProjectState) -> None:
    add = AddIndexConcurrently("export", models.Index(fields=["size"], name="planted"))
    after = today.clone()
    add.state_forwards("office", after)

    def has_it() -> bool:
        with connection.cursor() as cursor:
            return "planted" in connection.introspection.get_constraints(cursor, "office_export")

    with connection.schema_editor(atomic=False) as editor:
        add.database_forwards("office", editor, today, after)
    assert has_it()
    with connection.schema_editor(atomic=False) as editor:
        add.database_backwards("office", editor, after, today)
    assert not has_it()
