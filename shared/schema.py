"""The kernel's own tables; each service's first migration makes them in its own database."""

KERNEL_0001 = (
    """
    create table inbox(
        topic text not null,
        id uuid not null,
        digest bytea not null,
        taken_at timestamptz not null,
        primary key (topic, id)
    )""",
    """
    create table outbox(
        seq bigint generated always as identity primary key,
        id uuid not null,
        lane smallint not null,
        topic text not null,
        key text not null,
        aggregate text not null,
        subject text not null,
        version bigint not null,
        partner_id text not null,
        headers text not null,
        payload bytea not null,
        created_at timestamptz not null,
        published_at timestamptz,
        constraint one_event_a_version unique (aggregate, subject, version)
    )""",
    "create index outbox_waiting on outbox(seq) where published_at is null",
    """
    create table parked(
        n bigint generated always as identity primary key,
        topic text not null,
        partition int not null,
        at_offset bigint not null,
        fingerprint bytea not null,
        key bytea,
        value bytea,
        headers text not null,
        state text not null check (state in ('parked', 'dead', 'handled', 'discarded')),
        blocks boolean not null,
        reason text not null,
        detail text not null,
        attempts int not null default 0,
        next_at timestamptz,
        parked_at timestamptz not null,
        closed_at timestamptz,
        closed_by text,
        note text,
        partner_id text,
        constraint one_letter_a_record unique (topic, partition, at_offset, fingerprint)
    )""",
    # A key, as a partner's name in a header, may be longer than a B-tree takes.
    "create index parked_blocking on parked using hash (key) where blocks",
    """
    create index parked_of_partner on parked using hash (partner_id)
    where state in ('parked', 'dead') and partner_id is not null""",
    "create index parked_due on parked(next_at) where state = 'parked'",
    """
    create table held(
        aggregate text not null,
        subject text not null,
        version bigint not null,
        topic text not null,
        event_id uuid not null,
        headers text not null,
        value bytea not null,
        held_at timestamptz not null,
        partner_id text not null,
        primary key (aggregate, subject, version)
    )""",
    """
    create table heard(
        aggregate text not null,
        subject text not null,
        version bigint not null,
        primary key (aggregate, subject)
    )""",
    """
    create table timers(
        kind text not null,
        subject text not null,
        due_key text not null,
        due_at timestamptz not null,
        partner_id text not null,
        sandbox boolean not null,
        correlation_id text not null,
        attempts int not null default 0,
        not_before timestamptz,
        detail text,
        fired_at timestamptz,
        primary key (kind, subject, due_key)
    )""",
    "create index timers_due_live on timers(due_at) where fired_at is null and not sandbox",
    """
    create index timers_due_sandbox on timers(partner_id, due_at)
    where fired_at is null and sandbox""",
    """
    create table clocks(
        partner_id text primary key,
        clock_id text,
        now timestamptz not null,
        step bigint not null default 0,
        phase int not null default 0,
        round bigint not null default 0,
        turn text not null default 'everybody',
        fires_until timestamptz not null default 'infinity',
        answered bigint[] not null default '{}',
        answers bigint not null default 0,
        told bytea
    )""",
    "create index clocks_on_their_way on clocks(partner_id) where turn <> 'everybody'",
    """
    create table clock_counters(
        partner_id text not null,
        direction text not null check (direction in ('sent', 'handled')),
        topic text not null,
        n bigint not null,
        primary key (partner_id, direction, topic)
    )""",
    """
    create table idempotency(
        partner_id text not null,
        key text not null,
        request_hash bytea not null,
        status int,
        body bytea,
        begun_at timestamptz not null,
        primary key (partner_id, key)
    )""",
    """
    create table api_keys(
        hash text primary key,
        id text not null unique,
        partner_id text not null,
        scopes text[] not null,
        status text not null,
        version bigint not null
    )""",
    """
    create table verifying_keys(
        kid text primary key,
        jwk text not null,
        expires_at timestamptz not null
    )""",
    """
    create table sealing_keys(
        kid text primary key,
        jwk text not null,
        expires_at timestamptz not null
    )""",
)

KERNEL_0002 = (
    # A clock on its way looks for them all the time, among all that its partner has to come.
    """
    create index timers_in_trouble on timers(partner_id)
    where fired_at is null and sandbox and attempts > 0""",
)
