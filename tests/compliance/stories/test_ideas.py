"""Ideas keep the law: a question must not become one about a child by its translation, nor cease to be one."""

from itertools import chain

from compliance.lexicon.lexicon import default_lexicon
from topic_model.ideas.open_ideas import open_ideas


def test_an_idea_is_about_children_in_every_word_or_in_none() -> None:
    """Words of both languages, their forms and slips: where the lexicon knows one of an idea it knows them all."""
    lexicon = default_lexicon()
    torn = {}
    for idea in open_ideas().all:
        words = [word.text for word in chain(*idea.words.values(), idea.forms, idea.slips)]
        if lexicon.find(", ".join(words)):  # one look for most ideas, which speak of no child
            unknown = [word for word in words if not lexicon.find(word)]
            if 0 < len(unknown) < len(words):
                torn[idea.name] = unknown
    assert torn == {}, "the lexicon knows the other words of these ideas, and not these"
