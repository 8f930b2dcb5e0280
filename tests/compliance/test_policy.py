"""The policy file: what it gives, and how each mistake in it is named."""

from pathlib import Path

import pytest

from compliance.country import Country
from compliance.errors import RulesError
from compliance.facts import Child
from compliance.policy import SENTENCE, Treatment, load_policy

STAR = '"*": {withhold: [child, review], action: omit, refuse_queries: true}'
WEAK_STAR = '"*": {withhold: [child, review], action: disclaimer, refuse_queries: false}'


def written(folder: Path, *groups: str, version: str = "1", more: str = "") -> Path:
    file = folder / "rules.yaml"
    file.write_text(f"version: {version}\n{more}\ngroups:\n" + "".join(f"  {group}\n" for group in groups))
    return file


def test_shipped_policy_has_the_sentence_and_three_kinds_of_countries() -> None:
    """Unknown and unnamed countries get the strictest rule."""
    policy = load_policy()
    assert policy.sentence == SENTENCE == "This image is unavailable in your country in compliance with local laws."
    strictest = policy.rule_for(Country(None, "unknown"))
    assert strictest == policy.strictest == policy.rule_for(Country("FR", "site"))
    assert (strictest.withhold, strictest.treatment, strictest.refuse_queries) == (
        frozenset({Child.CHILD, Child.REVIEW, Child.UNSEEN}),
        Treatment.OMIT,
        True,
    )
    russia, iceland = policy.rule_for(Country("RU", "site")), policy.rule_for(Country("IS", "proxy"))
    assert (russia.group, russia.treatment, russia.sentence) == ("disclaimer", Treatment.DISCLAIMER, SENTENCE)
    assert (iceland.withhold, iceland.refuse_queries) == (frozenset(), False)


def test_group_may_have_a_sentence_of_its_own(tmp_path: Path) -> None:
    """The group's sentence goes before the file's, and the file's before the usual one."""
    own = 'own: {countries: ["RU"], withhold: [child], action: omit, refuse_queries: true, sentence: Нельзя.}'
    policy = load_policy(written(tmp_path, STAR, own, more="sentence: Not here."))
    assert policy.rule_for(Country("RU", "site")).sentence == "Нельзя."
    assert policy.rule_for(Country("FR", "site")).sentence == "Not here."


def test_hash_names_the_policy_and_not_its_comments(tmp_path: Path) -> None:
    """A comment changes nothing, a version does."""
    first = load_policy(written(tmp_path, STAR)).hash
    assert load_policy(written(tmp_path, STAR, more="# by counsel")).hash == first
    assert load_policy(written(tmp_path, STAR, version="2")).hash != first


def group(**changed: str) -> str:
    given = {"countries": '["RU"]', "withhold": "[child]", "action": "omit", "refuse_queries": "true"} | changed
    return "a: {" + ", ".join(f"{key}: {value}" for key, value in given.items() if value) + "}"


@pytest.mark.parametrize(
    ("groups", "says"),
    [
        pytest.param([group()], 'the group "*" is missing', id="no star"),
        pytest.param([STAR, group(), group().replace("a:", "b:")], "RU is in a and b", id="country twice"),
        pytest.param([STAR, group(), group()], "'a' is given twice", id="group twice"),
        pytest.param([STAR, group(countries='["NA", "QQ"]')], "'QQ' is not an ISO 3166 code", id="unknown code"),
        pytest.param([STAR, group(countries="[NO]")], "not [False]", id="Norway without quotes"),
        pytest.param([STAR, group(countries="")], "it lists no countries", id="no countries"),
        pytest.param([STAR.replace("{", '{countries: ["RU"], ')], "it lists none", id="countries in star"),
        pytest.param([STAR, group(colour="red")], "unknown key 'colour'", id="unknown key"),
        pytest.param([STAR, group(action="hide")], "omit or disclaimer is expected, not 'hide'", id="unknown action"),
        pytest.param([STAR, group(action="")], "omit or disclaimer is expected, not None", id="no action"),
        pytest.param([STAR, group(withhold="")], "withhold: it is missing", id="no withhold"),
        pytest.param([STAR, group(withhold="[clear]")], "'clear' is none of", id="clear withheld"),
        pytest.param([STAR, group(withhold="child")], "a list of strings is expected", id="withhold not a list"),
        pytest.param([STAR, group(refuse_queries="maybe")], "true or false is expected", id="refuse not a bool"),
        pytest.param([STAR, group(sentence='" "')], "a sentence is expected", id="empty sentence"),
        pytest.param([STAR, group(withhold="[consented]")], "it withholds consented", id="star withholds less"),
        pytest.param([WEAK_STAR, group(action="disclaimer")], "it refuses queries", id="star refuses less"),
        pytest.param([WEAK_STAR, group(refuse_queries="false")], "it omits", id="star omits less"),
        pytest.param([STAR, group(withhold="null")], "line 5, groups.a.withhold: it is blank", id="null withhold"),
        pytest.param(
            [STAR, "a:", '  countries: ["RU"]', "  withhold:", "  action: omit", "  refuse_queries: true"],
            "line 7, groups.a.withhold: it is blank",
            id="blank withhold",
        ),
        pytest.param([STAR.replace("[child, review]", "~")], "it is blank", id="star withholds nothing by accident"),
        pytest.param([STAR, "7: {}"], "line 5, groups: a group is named by a word, not 7", id="numeric name"),
        pytest.param([STAR, "NO: {}"], "a group is named by a word, not False", id="name that YAML reads as false"),
        pytest.param(
            [STAR.replace("{", "{age: 14, "), group(age="16")], "it protects children up to 16", id="ages disagree"
        ),
        pytest.param([STAR, "a: none"], "a mapping is expected, not 'none'", id="group not a mapping"),
        pytest.param([STAR, "a: {"], "at line", id="broken YAML"),
    ],
)
def test_each_mistake_stops_the_start_and_is_named(tmp_path: Path, groups: list[str], says: str) -> None:
    """The message gives the file, the place, what is wrong and what to do."""
    file = written(tmp_path, *groups)
    with pytest.raises(RulesError) as caught:
        load_policy(file)
    assert says in str(caught.value)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("version", ["0", "true", "one"])
def test_version_counts_from_one(tmp_path: Path, version: str) -> None:
    """Anything but a whole number from 1 is refused."""
    with pytest.raises(RulesError, match="whole number"):
        load_policy(written(tmp_path, STAR, version=version))


@pytest.mark.parametrize("content", [b"", b"- a\n", b"\xff\xfe\x00", b"version: 1\ncolour: red\ngroups: {}\n"])
def test_file_that_is_no_policy_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, a list, not UTF-8, unknown keys."""
    file = tmp_path / "rules.yaml"
    file.write_bytes(content)
    with pytest.raises(RulesError):
        load_policy(file)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A policy that is not there is not the same as one that allows."""
    with pytest.raises(RulesError, match="cannot be read"):
        load_policy(tmp_path / "none.yaml")
