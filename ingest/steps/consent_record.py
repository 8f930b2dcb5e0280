"""A consent has who, what, when and where: the bare word that a parent agreed opens nothing."""

from compliance.country import country_codes
from compliance.records.identifier import identifier
from ingest.post import ConsentForm, Post
from ingest.reason import Reason
from ingest.steps.verdict import Verdict
from topic_model.document import Document


def consent_record(post: Post, _: Document) -> Verdict:
    """Turn away a post whose consent names no record, or whose record is none."""
    if post.consent is True:
        return Reason(
            "consent_without_record",
            "`consent` is true and names no record: give the number of the form and where it holds, as "
            '{"record": "form-4711", "countries": ["DE"], "until": "2030-01-01T00:00:00Z"}; without countries it holds '
            "in all, without until for good.",
        )
    if isinstance(post.consent, ConsentForm):
        try:
            identifier(post.consent.record)
        except ValueError as error:
            return Reason("wrong_field", f"{error} - at `$.consent.record`.")
        for place, code in enumerate(post.consent.countries):
            if code not in country_codes():
                return Reason(
                    "wrong_field",
                    f"{code[:20]!r} is no ISO 3166 country code (two letters, such as DE) - at "
                    f"`$.consent.countries[{place}]`.",
                )
    return None
