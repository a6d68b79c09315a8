"""The only SQL that hands out document numbers: one counter row a series, locked until commit."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from services.billing.domain.numbering import Numbered, Series, series_of
from shared.ids import PartnerId
from shared.sql import Sql

Unnumbered = tuple[Numbered, PartnerId, str]


class NumberSeries:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def number(self, documents: Sequence[Unnumbered]) -> None:
        """Give each the next number of its series, in the order given; one statement for all.

        The number comes back with the transaction should that fail, so no series has a gap. A
        partner whose time zone is not known yet counts years in the zone that stands beside.
        """
        if not documents:
            return
        zones = await self._zones({partner for _, partner, _ in documents})
        by_series: defaultdict[Series, list[Numbered]] = defaultdict(list)
        for document, partner, zone in documents:
            by_series[series_of(document, partner, zones.get(partner, zone))].append(document)
        wanted = sorted(by_series)
        for series, (last_seq, last_issued_at) in zip(
            wanted, await self._take(wanted, by_series), strict=True
        ):
            first = last_seq - len(by_series[series]) + 1
            for seq, document in enumerate(by_series[series], start=first):
                document.assign(series, seq, last_issued_at)

    async def _zones(self, partners: set[PartnerId]) -> dict[PartnerId, str]:
        rows = await self._sql.fetch(
            "select partner_id, timezone from partners where partner_id = any($1::text[])",
            sorted(partners),
        )
        return {row["partner_id"]: row["timezone"] for row in rows}

    async def _take(
        self, wanted: Sequence[Series], by_series: dict[Series, list[Numbered]]
    ) -> list[tuple[int, datetime]]:
        """The last number and the latest date of each series, this taking included."""
        rows = await self._sql.fetch(
            """
            insert into number_series as s (partner_id, kind, year, last_seq, last_issued_at)
            select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::timestamptz[])
            on conflict (partner_id, kind, year) do update
            set last_seq = s.last_seq + excluded.last_seq,
                last_issued_at = greatest(s.last_issued_at, excluded.last_issued_at)
            returning partner_id, kind, year, last_seq, last_issued_at""",
            [each.partner_id for each in wanted],
            [each.kind.value for each in wanted],
            [each.year for each in wanted],
            [len(by_series[each]) for each in wanted],
            [max(document.issued_at for document in by_series[each]) for each in wanted],
        )
        found = {(row["partner_id"], row["kind"], row["year"]): row for row in rows}
        return [
            (row["last_seq"], row["last_issued_at"])
            for row in (found[each.partner_id, each.kind.value, each.year] for each in wanted)
        ]
