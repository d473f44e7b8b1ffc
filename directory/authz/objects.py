"""What a decision can be about: named by id alone, its agency is looked up by the decision."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OfApplication:
    """An application, by client_id."""

    id: str

    @property
    def tag(self) -> str:
        """How the audit log names it."""
        return f"client:{self.id}"


@dataclass(frozen=True, slots=True)
class InPlace:
    """An agency or unit and what belongs to it; empty: the whole province."""

    id: str

    @property
    def tag(self) -> str:
        """How the audit log names it."""
        return f"agency:{self.id}" if self.id else "province"


@dataclass(frozen=True, slots=True)
class OfPerson:
    """A person, wherever their posts are."""

    id: str

    @property
    def tag(self) -> str:
        """How the audit log names it."""
        return f"person:{self.id}"


@dataclass(frozen=True, slots=True)
class OfGrant:
    """A role for a holder in a place. `holder_kind` person, post or position."""

    application_id: str
    role: str
    agency_id: str
    holder_kind: str
    holder_id: str

    @property
    def tag(self) -> str:
        """How the audit log names it."""
        return f"role:{self.application_id}|{self.role}"


Object = OfApplication | InPlace | OfPerson | OfGrant
