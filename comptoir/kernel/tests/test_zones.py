"""The time zones on offer: by country and city in one's language, in the order of a reader."""

from comptoir.kernel.zones import zone_choices, zone_name


def test_zones_stand_in_the_order_of_the_alphabet_whatever_their_accents() -> None:
    told = [label for _zone, label in zone_choices("fr")]
    assert told.index("Égypte (Le Caire)") < told.index("Équateur (Guayaquil)") < told.index("Espagne (Madrid)")
    assert told.index("Espagne (Madrid)") < told.index("France (Paris)") < told.index("Îles Féroé (Faroe)")


def test_a_zone_of_no_country_is_told_by_its_distance_from_utc_the_way_people_count_it() -> None:
    assert zone_name("Etc/GMT-3", "en") == "UTC+3"
    assert zone_name("Etc/GMT+11", "fr") == "UTC−11"
    assert zone_name("Etc/UTC", "en") == "UTC"
    for language in ("en", "fr"):
        labels = [label for _zone, label in zone_choices(language)]
        assert not [label for label in labels if label.startswith(("world", "unknown", "région", "monde"))]
        assert len(set(labels)) == len(labels)
        assert len(set(labels)) == len(labels)
