"""Let a person act for a partner."""

from dataclasses import dataclass, field
from datetime import datetime

from services.customers.domain.directory import Directory
from services.customers.domain.operator import Operator, OperatorId, require_strong
from services.customers.domain.scopes import require_grantable
from services.customers.domain.text import require_plain, require_said
from services.customers.use_cases.ports import Transaction
from shared.ids import PartnerId, derived_id


@dataclass(frozen=True, slots=True)
class AddOperator:
    """`request_key` names the operator, so that a repeated request makes no second one."""

    partner_id: PartnerId
    email: str
    name: str
    role: str
    scopes: frozenset[str]
    own_scopes: frozenset[str]
    password: str = field(repr=False)
    request_key: str


def require_sound_operator(command: AddOperator, directory: Directory) -> None:
    """All that can be said before the password is hashed, which is slow on purpose.

    Raises:
        Invalid, Conflict: why this will not do.
    """
    require_plain(command.name, "name")
    require_said(command.name, "name")
    require_grantable(command.scopes, command.own_scopes)
    local_part = directory.email(command.email).text.rpartition("@")[0]
    require_strong(command.password, (*command.name.split(), local_part))


async def add_operator(
    command: AddOperator,
    password_hash: str,
    tx: Transaction,
    directory: Directory,
    now: datetime,
) -> Operator:
    operator = Operator(
        id=OperatorId(derived_id("op", command.partner_id, command.request_key)),
        partner_id=command.partner_id,
        email=directory.email(command.email),
        name=command.name.strip(),
        role=command.role,
        scopes=command.scopes,
        password_hash=password_hash,
        created_at=now,
    )
    await tx.operators.add(operator)
    return operator
