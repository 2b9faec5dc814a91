"""The recount in SQL: what each table holds is said once, here.

Instants are microseconds since 1970. A quantity is two whole numbers, units and parts of 10^-18; a sum, which may be of
level times seconds, has parts of 10^-24. Nothing is ever a floating-point number, and what overflows is an error.
"""

from shared.adapters.duckdb.delivery_files import ACCEPTED, VERSION_COLUMNS, VOIDED
from shared.adapters.duckdb.staging import quoted
from shared.domain.metering.meter import Aggregation

SUM_DECIMALS = 24
NO_DIMENSIONS = "[]::STRUCT(key VARCHAR, value VARCHAR)[]"
_OF_TEXT = f"""
    CASE WHEN {{0}} IS NULL THEN {NO_DIMENSIONS} ELSE map_entries(from_json({{0}}, '"MAP(VARCHAR,VARCHAR)"')) END
"""
_KEY = "customer, meter, window_start, dimensions"
# Where an event arrived first. Sequence numbers are decimal text of any length: the longer one is the later one.
ARRIVAL_ORDER = "arrived_at, shard, length(sequence), sequence, place"

LEDGER_STAGED = (
    "customer VARCHAR, meter VARCHAR, window_start BIGINT, dimensions VARCHAR, "
    "events BIGINT, units HUGEINT, parts HUGEINT"
)
# A meter whose aggregation was changed has two rows a window: they are added up, and differ from the archive.
LEDGER = f"""
    CREATE TABLE ledger AS
    SELECT customer, meter, window_start, {_OF_TEXT.format("dimensions")} AS dimensions,
           sum(events) AS events, sum(units) AS units, sum(parts) AS parts
    FROM {{staged}} GROUP BY ALL
"""
IDS_STAGED = "id VARCHAR"
IDS = "CREATE TABLE ids AS SELECT id::UUID AS id FROM {staged}"
# What the ledger has counted and voided.
VOIDED_IDS = "CREATE TABLE voided_ids AS SELECT id::UUID AS id FROM {staged}"
PARKED_STAGED = "name VARCHAR"
PARKED = "CREATE TABLE parked AS SELECT name FROM {staged}"
METERS_STAGED = "event VARCHAR, meter VARCHAR, aggregation VARCHAR, plain INTEGER, kept VARCHAR"
METERS = "CREATE TABLE meters AS SELECT * REPLACE (from_json(kept, '[\"VARCHAR\"]') AS kept) FROM {staged}"
PAYERS_STAGED = "subject VARCHAR, customer VARCHAR, valid_from BIGINT, valid_to BIGINT"
PAYERS = "CREATE TABLE payers AS SELECT * FROM {staged}"
WORKED_OUT_STAGED = "fingerprint VARCHAR, id VARCHAR, meter VARCHAR, units BIGINT, parts BIGINT"
WORKED_OUT = """
    CREATE TABLE worked_out AS
    SELECT * REPLACE (fingerprint::UUID AS fingerprint, id::UUID AS id) FROM {staged}
"""


def deliveries(files: list[str], arrived_from: int, arrived_to: int) -> str:
    """Return the view of every admitted delivery that arrived in a period."""
    return f"""
        CREATE VIEW deliveries AS
        SELECT *, fingerprint::UHUGEINT >> 32 AS identity
        FROM read_parquet([{", ".join(map(quoted, files))}])
        WHERE verdict = '{ACCEPTED}'
        AND arrived_at >= make_timestamp({arrived_from}) AND arrived_at < make_timestamp({arrived_to})
    """


def voids(files: list[str], arrived_from: int, arrived_to: int) -> str:
    """Return the table of what corrections void that arrived in a period, and when the first of each did."""
    return f"""
        CREATE TABLE voids AS
        SELECT fingerprint::UHUGEINT >> 32 AS identity, subject, occurred_at, min(arrived_at) AS voided_at
        FROM read_parquet([{", ".join(map(quoted, files))}])
        WHERE verdict = '{VOIDED}'
        AND arrived_at >= make_timestamp({arrived_from}) AND arrived_at < make_timestamp({arrived_to})
        GROUP BY ALL
    """


def events(start: int, end: int) -> str:
    """Return the table of the distinct events of the span, each id and content once, with the void of each."""
    return f"""
        CREATE TABLE events AS
        SELECT e.* REPLACE (epoch_us(e.occurred_at) AS occurred_at), v.voided_at
        FROM (
            SELECT fingerprint, min(arrived_at) AS arrived_at, first(subject) AS subject,
                   first(occurred_at) AS occurred_at, first(meter) AS name,
                   first(units) AS units, first(parts) AS parts, first(unique_key) AS unique_key,
                   first(dimensions) AS named
            FROM deliveries
            WHERE occurred_at >= make_timestamp({start}) AND occurred_at < make_timestamp({end})
            GROUP BY fingerprint
        ) e
        LEFT JOIN voids v ON v.identity = e.fingerprint::UHUGEINT >> 32
            AND v.subject = e.subject AND v.occurred_at = e.occurred_at
    """


CONTRADICTED = """
    CREATE TABLE contradicted AS
    SELECT identity FROM deliveries GROUP BY identity HAVING min(fingerprint) <> max(fingerprint)
"""
SUBJECTS = "SELECT DISTINCT subject FROM events"
# Source and id, which are long, of the events of which they are needed: for ids of their own, and where order decides.
NAMED = f"""
    CREATE TABLE named_events AS
    SELECT d.fingerprint, first(d.source) AS source, first(d.event_id) AS event_id
    FROM deliveries d JOIN events e USING (fingerprint)
    WHERE e.name IN (
        SELECT event FROM meters
        WHERE plain = 0 OR aggregation IN ('{Aggregation.LATEST}', '{Aggregation.WEIGHTED_SUM}')
    )
    GROUP BY d.fingerprint
"""
# The distinct events of some names, as VERSION_COLUMNS has them; where they arrived does not matter.
TO_WORK_OUT = """
    SELECT '', '', 0, epoch_us(arrived_at), '', source, event_id, subject, occurred_at, name,
           units, parts, unique_key, named
    FROM events JOIN named_events USING (fingerprint) WHERE list_contains($1, name)
"""
# What a meter keeps of dimensions, for each text of them once.
KEPT = """
    CREATE TABLE kept AS
    SELECT m.meter, n.named,
           list_filter(map_entries(from_json(n.named, '"MAP(VARCHAR,VARCHAR)"')), LAMBDA pair:
                       list_contains(m.kept, pair.key)) AS dimensions
    FROM (SELECT DISTINCT name, named FROM events) n JOIN meters m ON m.event = n.name
    WHERE len(m.kept) > 0
"""
_OF_EVENT = (
    "e.fingerprint, e.arrived_at, e.voided_at, e.subject, e.occurred_at, "
    "e.occurred_at - e.occurred_at % 900000000 AS window_start, e.unique_key"
)
_DIMENSIONS = f"coalesce(k.dimensions, {NO_DIMENSIONS}) AS dimensions"
# What every meter makes of every event, under the id by which it is counted once. Expressions, and ids of their own,
# were worked out outside. Units are NULL where an event cannot be measured, and the meter is where nobody measures it.
MEASURED = f"""
    CREATE VIEW measured AS
    SELECT e.fingerprint AS id, {_OF_EVENT}, m.meter, m.aggregation, e.units, e.parts, {_DIMENSIONS}
    FROM events e JOIN meters m ON m.event = e.name AND m.plain = 1
    LEFT JOIN kept k ON k.meter = m.meter AND k.named = e.named
    UNION ALL
    SELECT w.id, {_OF_EVENT}, m.meter, m.aggregation, w.units, w.parts, {_DIMENSIONS}
    FROM worked_out w JOIN events e ON e.fingerprint = w.fingerprint JOIN meters m ON m.meter = w.meter
    LEFT JOIN kept k ON k.meter = m.meter AND k.named = e.named
    UNION ALL
    SELECT e.fingerprint, {_OF_EVENT}, NULL, NULL, NULL, NULL, {NO_DIMENSIONS}
    FROM events e ANTI JOIN meters m ON m.event = e.name
"""
# The same, with who is billed for it, and whether the ledger has it.
HELD = """
    CREATE TABLE held AS
    SELECT m.*, n.source, n.event_id, p.customer, m.id IN (FROM ids) AS in_ledger
    FROM measured m LEFT JOIN named_events n ON n.fingerprint = m.fingerprint
    LEFT JOIN payers p ON p.subject = m.subject
        AND m.occurred_at >= p.valid_from AND (p.valid_to IS NULL OR m.occurred_at < p.valid_to)
"""
# What is held against the ledger: a window's key, and how long a level of it holds at most.
COUNTED = """
    CREATE VIEW counted AS
    SELECT *, window_start + 900000000 AS window_end FROM held
    WHERE in_ledger AND customer IS NOT NULL AND units IS NOT NULL
"""
_PARTS_OF_A_UNIT = f"{10**SUM_DECIMALS}::HUGEINT"
_TO_SUM = 10 ** (SUM_DECIMALS - 18)
_VALUE = "(units::HUGEINT * 1000000000000000000 + parts)"
_PLACE = "(occurred_at, source, event_id)"
_AS_SUM = f"{{0}} // 1000000000000000000 AS units, {{0}} % 1000000000000000000 * {_TO_SUM} AS parts"
_TOTAL = f"sum(units) AS units, sum(parts) * {_TO_SUM} AS parts"
_OF_AGGREGATION = {
    Aggregation.SUM: _TOTAL,
    Aggregation.AVERAGE: _TOTAL,
    # Which transactions they are, the ids say; what is held against the ledger is their sum.
    Aggregation.TRANSACTIONS: _TOTAL,
    Aggregation.COUNT: "count(*)::HUGEINT AS units, 0::HUGEINT AS parts",
    Aggregation.MAX: _AS_SUM.format(f"max({_VALUE})"),
    Aggregation.MIN: _AS_SUM.format(f"min({_VALUE})"),
    Aggregation.LATEST: _AS_SUM.format(f"max_by({_VALUE}, {_PLACE})"),
    # An event that names nothing counts as itself.
    Aggregation.UNIQUE: (
        "(count(DISTINCT unique_key) + count(DISTINCT fingerprint::UHUGEINT >> 32) FILTER (unique_key IS NULL))"
        "::HUGEINT AS units, 0::HUGEINT AS parts"
    ),
}


def recounted(table: str, source: str) -> str:
    """Return the table of what each key of a source comes to; the source has the columns of `counted`."""
    simple = " UNION ALL ".join(
        f"SELECT {_KEY}, count(*) AS events, {quantity} FROM {source} WHERE aggregation = '{aggregation}' GROUP BY ALL"
        for aggregation, quantity in _OF_AGGREGATION.items()
    )
    return f"""
        CREATE TABLE {table} AS
        SELECT * REPLACE (units + parts // {_PARTS_OF_A_UNIT} AS units, parts % {_PARTS_OF_A_UNIT} AS parts)
        FROM ({simple} UNION ALL {_LEVELS.format(source=source)})
    """


# Each level times the seconds that it holds: until the next one of its key, or the end. Of levels at one instant the
# last one holds. Microseconds first, seconds of them last.
_LEVELS = f"""
    SELECT {_KEY}, events,
           (area + rest // 1000000000000000000) // 1000000 AS units,
           (area + rest // 1000000000000000000) % 1000000 * 1000000000000000000 + rest % 1000000000000000000 AS parts
    FROM (
        SELECT {_KEY}, sum(events)::BIGINT AS events,
               sum(units::HUGEINT * held) AS area, sum(parts::HUGEINT * held) AS rest
        FROM (
            SELECT *, coalesce(
                lead(occurred_at) OVER (PARTITION BY {_KEY} ORDER BY occurred_at), window_end
            ) - occurred_at AS held
            FROM (
                SELECT {_KEY}, window_end, occurred_at, count(*) AS events,
                       max_by(units, {_PLACE}) AS units, max_by(parts, {_PLACE}) AS parts
                FROM {{source}} WHERE aggregation = '{Aggregation.WEIGHTED_SUM}' GROUP BY ALL
            )
        ) GROUP BY ALL
    )
"""
DIFFERENCES = f"""
    SELECT {_KEY},
           coalesce(l.events, 0), coalesce(l.units, 0), coalesce(l.parts, 0),
           coalesce(r.events, 0), coalesce(r.units, 0), coalesce(r.parts, 0)
    FROM ledger l FULL JOIN recounted r USING ({_KEY})
    WHERE coalesce(l.events, 0) <> coalesce(r.events, 0)
       OR coalesce(l.units, 0) <> coalesce(r.units, 0)
       OR coalesce(l.parts, 0) <> coalesce(r.parts, 0)
    ORDER BY ALL
"""


def missing(settled_before: int) -> str:
    """Return the query of where each event arrived that the ledger must have and lacks."""
    name = "concat_ws(':', d.shard, d.sequence, d.place)"
    return f"""
        SELECT {VERSION_COLUMNS} FROM (
            SELECT d.*,
                   bool_or({name} IN (FROM parked) OR {name} || ' ' || h.meter IN (FROM parked)) OVER found AS parked,
                   row_number() OVER (found ORDER BY {ARRIVAL_ORDER}) AS arrival
            FROM (
                SELECT fingerprint, meter FROM held
                WHERE NOT in_ledger AND voided_at IS NULL AND id NOT IN (FROM voided_ids)
                AND arrived_at < make_timestamp({settled_before})
                AND fingerprint::UHUGEINT >> 32 NOT IN (FROM contradicted)
            ) h
            JOIN deliveries d USING (fingerprint)
            WHERE d.arrived_at < make_timestamp({settled_before})
            WINDOW found AS (PARTITION BY d.fingerprint, h.meter)
        )
        WHERE NOT coalesce(parked, false) AND arrival = 1
        GROUP BY ALL
    """


def still_counted(settled_before: int) -> str:
    """Return the query of where each event arrived that was voided in time, and that the ledger still counts."""
    return f"""
        SELECT {VERSION_COLUMNS} FROM deliveries
        WHERE fingerprint IN (
            SELECT fingerprint FROM held WHERE in_ledger AND voided_at < make_timestamp({settled_before})
        )
        QUALIFY row_number() OVER (PARTITION BY fingerprint ORDER BY {ARRIVAL_ORDER}) = 1
    """


CONFLICTS = f"""
    SELECT identity, {VERSION_COLUMNS}
    FROM deliveries WHERE identity IN (FROM contradicted)
    QUALIFY row_number() OVER (PARTITION BY fingerprint ORDER BY {ARRIVAL_ORDER}) = 1
    ORDER BY identity, {ARRIVAL_ORDER}
"""

# For a count of the archive by itself: what enrichment would bill, of each id the content that came first.
CHARGED_STAGED = "customer VARCHAR, meter VARCHAR, valid_from BIGINT, valid_to BIGINT, named VARCHAR"
CHARGED = f"CREATE TABLE charged AS SELECT * REPLACE ({_OF_TEXT.format('named')} AS named) FROM {{staged}}"
IDS_OF_THE_ARCHIVE = f"""
    CREATE TABLE ids AS
    SELECT m.id FROM measured m JOIN payers p ON p.subject = m.subject
        AND m.occurred_at >= p.valid_from AND (p.valid_to IS NULL OR m.occurred_at < p.valid_to)
    LEFT JOIN (
        SELECT fingerprint, row_number() OVER (ORDER BY {ARRIVAL_ORDER}) AS arrival
        FROM deliveries WHERE identity IN (FROM contradicted)
    ) a ON a.fingerprint = m.fingerprint
    WHERE m.voided_at IS NULL AND EXISTS (
        SELECT 1 FROM charged c WHERE c.customer = p.customer AND c.meter = m.meter
        AND m.occurred_at >= c.valid_from AND (c.valid_to IS NULL OR m.occurred_at < c.valid_to)
        AND list_has_all(m.dimensions, c.named)
    )
    QUALIFY row_number() OVER (PARTITION BY m.id::UHUGEINT >> 32 ORDER BY a.arrival) = 1
"""
PERIODS_STAGED = "customer VARCHAR, starts BIGINT, ends BIGINT"
PERIODS = "CREATE TABLE periods AS SELECT * FROM {staged}"
# The whole period as one window; levels of each group of dimensions by themselves, to be added.
OF_PERIODS = f"""
    CREATE VIEW of_periods AS
    SELECT c.* REPLACE (
        p.starts AS window_start, p.ends AS window_end,
        CASE WHEN aggregation IN ('{Aggregation.LATEST}', '{Aggregation.WEIGHTED_SUM}') THEN dimensions
        ELSE {NO_DIMENSIONS} END AS dimensions
    )
    FROM counted c JOIN periods p USING (customer)
"""
TOTALS = "SELECT customer, meter, events, units, parts FROM totals ORDER BY customer, meter"
