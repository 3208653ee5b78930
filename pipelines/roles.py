"""Roles: who may run which command, and who sees values masked (Article 32(4) GDPR: on instructions only).

A role is a setting of an account (`CARDFILE_ROLE`), and no lock: whoever can read the store's file can read all of it.
It keeps people from doing by mistake what is not their work. Where no role is set, one person does everything.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources

from pipelines.errors import RefusedError, UsageError


class Role(StrEnum):
    """What an account is for."""

    OWNER = "owner"  # no role is set: everything
    OPERATOR = "operator"
    ANALYST = "analyst"
    PRIVACY_OFFICER = "privacy-officer"

    @property
    def masked(self) -> bool:
        """Whether names, addresses and numbers are shown in part only."""
        return self is Role.ANALYST

    @property
    def sees_restricted(self) -> bool:
        """Whether people whose processing is restricted are shown: whoever answers them asks for it (`--role`)."""
        return self is Role.PRIVACY_OFFICER


ROLES = tuple(role.value for role in Role if role is not Role.OWNER)


def role_of(configured: str, asked: str = "") -> Role:
    """Return the role in which a command runs: the account's, or the narrower one that was asked for (`--role`).

    Raises UsageError for an unknown role, RefusedError where an account asks for a role that it does not have.
    """
    for name in (configured, asked):
        if name and name not in ROLES:
            raise UsageError(f"{name!r} is no role; use {', '.join(ROLES)} (CARDFILE_ROLE, --role).")
    if configured and asked and asked != configured:
        raise RefusedError(f"This account is {configured!r} (CARDFILE_ROLE); it cannot act as {asked!r}.")
    return Role(asked or configured or Role.OWNER)


@cache
def table() -> Mapping[str, tuple[Role, ...]]:
    """Return `roles.toml`: command, or command and act, to the roles that may run it."""
    text = resources.files("pipelines").joinpath("roles.toml").read_text("utf-8")
    return {name: tuple(map(Role, roles)) for name, roles in tomllib.loads(text)["commands"].items()}


def require(role: Role, command: str, act: str = "") -> None:
    """Let a role run a command, or raise RefusedError: what is in no table is for whoever has no role set."""
    allowed = table().get(f"{command} {act}", table().get(command, ()))
    if role is Role.OWNER or role in allowed:
        return
    others = ", ".join(allowed) or "whoever has no role set"
    name = f"{command} {act}" if f"{command} {act}" in table() else command
    raise RefusedError(f"`scrapy {name}` is not for the role {role.value!r}; it is for {others}.")
