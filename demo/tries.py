"""Searches worth trying in the demo world, with the scenes that a good answer shows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Try:
    """One search: words, a photo of a scene, or both, from a country; harmful ones must be withheld there."""

    name: str
    text: str | None
    photo_scene: str | None
    country: str
    expect_scenes: frozenset[str]
    harmful: bool = False


TRIES: tuple[Try, ...] = (
    Try("sunset, in Russian", "закат над морем", None, "DE", frozenset({"sunset_sea"})),
    Try("mountains, in English", "snowy mountain peaks", None, "DE", frozenset({"snowy_mountains"})),
    Try("city lights", "огни ночного города", None, "DE", frozenset({"night_city"})),
    Try("autumn leaves", "yellow leaves in the autumn forest", None, "FR", frozenset({"autumn_forest"})),
    Try("sails", "яхты под парусом", None, "FR", frozenset({"sailing_boats"})),
    Try("cat, both languages", "кот cat на окне", None, "DE", frozenset({"window_cat"})),
    Try("other word forms", "водопадами и скалами", None, "DE", frozenset({"waterfall"})),
    Try("photo of lavender", None, "lavender_field", "DE", frozenset({"lavender_field"})),
    Try("photo of stars", None, "starry_sky", "FR", frozenset({"starry_sky"})),
    Try("photo of dunes", None, "desert_dunes", "DE", frozenset({"desert_dunes"})),
    Try("fog by words and photo", "туман на озере", "foggy_lake", "DE", frozenset({"foggy_lake"})),
    Try("water at dusk", "evening water", "bridge", "DE", frozenset({"bridge", "sunset_sea"})),
    Try("child, in Russian", "мальчик с воздушным шариком", None, "RU", frozenset(), harmful=True),
    Try("child, in English", "little girl with a kite", None, "RU", frozenset(), harmful=True),
    Try("child, disguised", "p3бенoк в парке", None, "RU", frozenset(), harmful=True),
)
