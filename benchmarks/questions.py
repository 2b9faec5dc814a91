"""The questions that `make bench` asks, in the order of its answers."""

from benchmarks import (
    against_moto,
    cold_start,
    dollars,
    end_to_end,
    entitlement,
    growth,
    handler_cpu,
    invoice_documents,
    invoicing,
    pacing,
    rating,
    recount,
    shared_lanes,
    with_the_sdk,
    write_units,
)

QUESTIONS = (
    handler_cpu,
    with_the_sdk,
    against_moto,
    write_units,
    shared_lanes,
    growth,
    dollars,
    cold_start,
    recount,
    rating,
    invoice_documents,
    entitlement,
    invoicing,
    pacing,
    end_to_end,
)
