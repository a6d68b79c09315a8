"""A few connections to one mail server, kept open between mails; every answer is an outcome."""

import asyncio
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, Literal

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from services.notifier.domain.outcome import Accepted, Deferred, Outcome, Refused

PERMANENT: Final = 500
IDLE_SECONDS: Final = 10
COMMAND_SECONDS: Final = 20
MAIL_SECONDS: Final = 60
# A server that takes such an address takes eight bits, too (RFC 6531).
BEYOND_ASCII: Final = ("SMTPUTF8", "BODY=8BITMIME")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    host: str
    port: int
    tls: Literal["none", "starttls", "tls"] = "none"
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class Connection:
    client: SMTP
    used_at: float


class SmtpPool:
    def __init__(self, server: SmtpServer, size: int) -> None:
        self._server = server
        self._places = asyncio.Semaphore(size)
        self._idle: list[Connection] = []

    async def send(self, mail: bytes, sender: str, recipient: str) -> Outcome:
        """After a broken connection nothing is known: the server may have taken the mail."""
        async with self._places:
            try:
                async with asyncio.timeout(MAIL_SECONDS):
                    connection = await self._connection()
                    await self._hand_over(connection, mail, sender, recipient)
            except (SMTPException, OSError, TimeoutError) as error:
                return _outcome(error)
            except ValueError:
                # The client will not put such an address on the wire.
                return Refused("unsendable_address")
        return Accepted()

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().client.close()

    async def _connection(self) -> Connection:
        while self._idle:
            found = self._idle.pop()
            if await _still_works(found):
                return found
        client = SMTP(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.username,
            password=self._server.password,
            use_tls=self._server.tls == "tls",
            start_tls=self._server.tls == "starttls",
            timeout=COMMAND_SECONDS,
        )
        await client.connect()
        return Connection(client, monotonic())

    async def _hand_over(
        self, connection: Connection, mail: bytes, sender: str, recipient: str
    ) -> None:
        try:
            await connection.client.sendmail(
                sender, [recipient], mail, mail_options=() if recipient.isascii() else BEYOND_ASCII
            )
        except (SMTPResponseException, SMTPRecipientsRefused):
            self._give_back(connection)
            raise
        except BaseException:
            connection.client.close()
            raise
        self._give_back(connection)

    def _give_back(self, connection: Connection) -> None:
        if connection.client.is_connected:
            connection.used_at = monotonic()
            self._idle.append(connection)


async def _still_works(connection: Connection) -> bool:
    """Servers hang up on the idle; better to find out before the mail than within it."""
    if not connection.client.is_connected:
        return False
    if monotonic() - connection.used_at < IDLE_SECONDS:
        return True
    try:
        await connection.client.noop()
    except (SMTPException, OSError, TimeoutError):
        connection.client.close()
        return False
    return True


def _outcome(error: Exception) -> Outcome:
    """Only the codes: a server's text may repeat the address, and that must not reach a topic."""
    if isinstance(error, SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, SMTPNotSupported):
        return Refused("smtputf8_not_offered")
    if isinstance(error, SMTPResponseException):
        # At the door it is about us and not about this mail.
        about_us = (SMTPAuthenticationError, SMTPConnectError, SMTPHeloError)
        final = error.code >= PERMANENT and not isinstance(error, about_us)
        return Refused(f"smtp_{error.code}") if final else Deferred(f"smtp_{error.code}")
    return Deferred(type(error).__name__)
