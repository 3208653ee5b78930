"""Whether a code names a country: a source that states one that does not exist loses each local telephone number."""

from __future__ import annotations

#: Codes that people write for a country and that ISO 3166-1 does not give to it: the European Union's own, and habits.
_MEANT = {"UK": "GB", "EN": "GB", "EL": "GR", "SP": "ES", "JA": "JP"}


def misnamed(code: str) -> str:
    """Return what is wrong with a country code, as the middle of a sentence; empty for one of ISO 3166-1 alpha-2.

    Known are the countries that have telephone numbers, because that is what a stated country is for.
    """
    import phonenumbers  # noqa: PLC0415  its tables take 30 ms, and many sources state no country

    if code in phonenumbers.SUPPORTED_REGIONS:
        return ""
    meant = _MEANT.get(code.upper()) or (code.upper() if code.upper() in phonenumbers.SUPPORTED_REGIONS else "")
    return f"{code!r} is no country of ISO 3166-1; " + (
        f"did you mean {meant}?" if meant else "use two capitals, as in NL"
    )
