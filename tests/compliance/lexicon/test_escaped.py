"""A letter that stands as its name or number is that letter: a page shows it, so the law reads it."""

from html import escape
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.lexicon.escaped import as_shown, unescaped
from compliance.lexicon.lexicon import default_lexicon
from ingest.post import Caption, Post

LEXICON = default_lexicon()
GIRL = "девочка"
NUMBERS = "".join(f"&#{ord(letter)};" for letter in GIRL)
WAYS = {
    "numbers of a form": NUMBERS,
    "without semicolons": NUMBERS.replace(";", " ").strip().replace(" ", ""),
    "one letter of seven": f"&#{ord(GIRL[0])};{GIRL[1:]}",
    "numbers to sixteen": "".join(f"&#x{ord(letter):x};" for letter in GIRL),
    "packed twice": escape(NUMBERS),
    "packed three times": escape(escape(NUMBERS)),
    "names of letters": "&dcy;&iecy;&vcy;&ocy;&chcy;&kcy;&acy;",
    "a hyphen that is not seen": "де&shy;вочка",
    "an address": quote(GIRL),
    "an address of before Unicode": quote(GIRL, encoding="cp1251"),
    "JSON in a text": "".join(f"\\u{ord(letter):04x}" for letter in GIRL),
    "an emoji in JSON": "\\ud83d\\udc67",
}


@pytest.mark.parametrize("written", WAYS.values(), ids=WAYS)
def test_a_child_whose_letters_stand_as_numbers_or_names_is_found_where_it_stands(written: str) -> None:
    """In a caption, among others; the place is that of the text as it came, so that the desk can show it."""
    text = f"Вечер, {written} на берегу"
    (finding,) = LEXICON.find(text)
    assert text[finding.start : finding.end] in written
    assert finding.start == 7
    assert finding.rule in {"boy-girl-ru", "sign"}


@pytest.mark.parametrize(
    "harmless",
    [
        *("R&D; and M&A", "Tom &amp; Jerry&#39;s boat", "100%de luxe", "50%ab", "C:\\users\\boat", "&;&#;&#x;%%%\\u"),
        *("&#1084;&#1086;&#1088;&#1077; &amp; sun", quote("закат над морем"), "&#99999999;", "&#x110000;"),
    ],
)
def test_what_is_no_child_in_letters_is_none_in_numbers(harmless: str) -> None:
    """Nor does a sign that only looks like the beginning of a number break anything."""
    assert LEXICON.find(harmless) == ()


def test_every_text_of_a_post_is_read_so() -> None:
    """Captions, tags, fields, authors, and addresses in whatever letters they were written."""
    posts = [
        Post("p1", captions=(Caption(f"{NUMBERS} у моря"),)),
        Post("p1", tags=(NUMBERS,)),
        Post("p1", attrs={"file": quote(f"{GIRL}.jpg")}),
        Post("p1", captions=(Caption("Тихий берег", NUMBERS),)),
        Post("p1", link=f"https://photos.example/{quote(GIRL, encoding='cp1251')}"),
    ]
    assert all(any(LEXICON.find(text) for text in post.visible_texts) for post in posts)
    assert not any(LEXICON.find(text) for text in Post("p1", link="https://photos.example/%EC%EE%F0%E5").visible_texts)


@given(st.text("&#x;%ampu\\019adf ", max_size=60))
def test_whatever_is_written_has_its_place(text: str) -> None:
    """No letter is lost but those that were read, and what was read came from within the text."""
    rewritten = unescaped(text)
    assert as_shown(text) == (rewritten.text if rewritten else text)
    for start, end, old_start, old_end in rewritten.stretches if rewritten else ():
        assert 0 <= old_start < old_end <= len(text)
        assert rewritten is not None
        assert rewritten.origin(start, end) == (old_start, old_end) or start == end


def test_a_long_text_of_numbers_takes_time_in_step_with_its_length() -> None:
    """A hundred thousand letters packed a hundred times are read once."""
    assert as_shown("&" + "amp;" * 100_000 + "#1076;")
    assert len(as_shown("&#1084;" * 100_000)) == 100_000
