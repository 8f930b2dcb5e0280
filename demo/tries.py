"""Searches worth trying in the demo world, with the scenes that a good answer shows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Try:
    """One search: its name in both languages, words, a photo of a scene, a country; harmful ones are withheld there."""

    name: str
    russian: str
    text: str | None
    photo_scene: str | None
    country: str
    expect_scenes: frozenset[str]
    harmful: bool = False


TRIES: tuple[Try, ...] = (
    Try("sunset, in Russian", "закат, по-русски", "закат над морем", None, "DE", frozenset({"sunset_sea"})),
    Try(
        "mountains, in English",
        "горы, по-английски",
        "snowy mountain peaks",
        None,
        "DE",
        frozenset({"snowy_mountains"}),
    ),
    Try("city lights", "огни города", "огни ночного города", None, "DE", frozenset({"night_city"})),
    Try(
        "autumn leaves",
        "осенние листья",
        "yellow leaves in the autumn forest",
        None,
        "FR",
        frozenset({"autumn_forest"}),
    ),
    Try("sails", "паруса", "яхты под парусом", None, "FR", frozenset({"sailing_boats"})),
    Try("cat, both languages", "кот, на двух языках", "кот cat на окне", None, "DE", frozenset({"window_cat"})),
    Try("other word forms", "другие формы слов", "водопадами и скалами", None, "DE", frozenset({"waterfall"})),
    Try("photo of lavender", "фото лаванды", None, "lavender_field", "DE", frozenset({"lavender_field"})),
    Try("photo of stars", "фото звёзд", None, "starry_sky", "FR", frozenset({"starry_sky"})),
    Try("photo of dunes", "фото дюн", None, "desert_dunes", "DE", frozenset({"desert_dunes"})),
    Try(
        "fog by words and photo", "туман: слова и фото", "туман на озере", "foggy_lake", "DE", frozenset({"foggy_lake"})
    ),
    Try("water at dusk", "вода в сумерках", "evening water", "bridge", "DE", frozenset({"bridge", "sunset_sea"})),
    Try(
        "child, in Russian", "ребёнок, по-русски", "мальчик с воздушным шариком", None, "RU", frozenset(), harmful=True
    ),
    Try("child, in English", "ребёнок, по-английски", "little girl with a kite", None, "RU", frozenset(), harmful=True),
    Try("child, disguised", "ребёнок, скрыто", "p3бенoк в парке", None, "RU", frozenset(), harmful=True),
)
