"""`photosense topics --html`: the page of the model in force, with no word and no post that a country withholds."""

from pathlib import Path

from compliance.country import Country
from compliance.facts import from_payload
from photosense.errors import PhotosenseError
from photosense.house import House
from photosense.pages.topics import write_topics_page
from photosense.pages.typical_posts import typical_posts
from topic_model.artifact import load_hierarchy, load_quality
from topic_model.corpus import encode
from topic_model.quality import measure
from training.topics import MEASURED, TeachingPosts


def write_topics(house: House, country: Country, path: Path) -> None:
    """Write the page; what was measured in training is read from the model folder."""
    model, rule = house.models.topics, house.law.gate.policy.rule_for(country)
    if model is None:
        raise PhotosenseError("There is no model yet: run `photosense train`.")
    folder = house.settings.models_path / model.id
    model = model.members[0]
    posts = TeachingPosts(house.store, teaching=house.law.gate.teaching())
    may_show = (point for point in posts.points() if house.law.gate.may_show(from_payload(point.facts), rule))
    quality = load_quality(folder) or measure(
        model, [encode(posts.sample(MEASURED), model.vocabulary, model.recipe.weights)]
    )
    try:
        write_topics_page(
            model,
            quality,
            load_hierarchy(folder),
            typical_posts(may_show),
            path,
            describe=house.photos.encoder.describe,
            readable=lambda words: house.law.gate.redact_words(words, rule, lambda word: word.label),
        )
    except OSError as error:
        raise PhotosenseError(
            f"{path} cannot be written: {error.strerror}. Give a file in a writable folder."
        ) from None
