"""Normalising and checking values: pure functions from a string to `Clean` or `Rejected`."""

from pipelines.values.address import address
from pipelines.values.clean import Clean, MentionRejected, Rejected
from pipelines.values.email import email
from pipelines.values.mention import validate_mention
from pipelines.values.name import PersonName, person_name
from pipelines.values.organisation import organisation
from pipelines.values.phone import phone
from pipelines.values.title import title
from pipelines.values.url import url

__all__ = [
    "Clean",
    "MentionRejected",
    "PersonName",
    "Rejected",
    "address",
    "email",
    "organisation",
    "person_name",
    "phone",
    "title",
    "url",
    "validate_mention",
]
