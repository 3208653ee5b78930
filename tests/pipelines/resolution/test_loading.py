"""Records read back from the store are the same whatever the database and its locale."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import make_url

from crawler.items import Method, Property, Value
from pipelines.master.database import open_store
from pipelines.master.statements import declare_source, mention_ids, write_readings
from pipelines.resolution.loading import records
from tests.support.readings import reading, source

#: How people in most of Europe sort, which is not how bytes do: small letters beside their capitals.
_EUROPEAN = 'ALTER TABLE statement ALTER COLUMN normalised TYPE text COLLATE "und-x-icu"'
NAMES = ("Zwaan, Marijke", "de Zwaan, Marijke", "Émilie Zwaan", "Marijke de Zwaan")


def test_values_are_in_the_order_of_their_letters_in_every_locale(database_url: str) -> None:
    engine = open_store(make_url(database_url))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(_EUROPEAN))
        declare_source(connection, source())
        found = reading("Marijke de Zwaan", email="m.dezwaan@noord.example")
        for name in NAMES:
            value = Value(name, Method.CARD, "/html/body/ul/li/p", 0.9, normalised=name)
            found.mention.add(Property.ALTERNATE_NAME, value)
        write_readings(connection, [found])
        (mention,) = mention_ids(found.mention)[-1:]
        record = records(connection, [mention])[mention]
    engine.dispose()
    assert record.names == tuple(sorted(NAMES))
