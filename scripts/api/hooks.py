"""Adjusts generated requests where no schema describes a valid one. Each Idempotency-Key is unique, because the server
refuses another request with a used key. Entity tags are `*` or quoted. A period does not end before it begins."""

from uuid import uuid4

import schemathesis


def in_order(body):
    inputs = body.get("payload", body) if isinstance(body, dict) else None
    period = inputs.get("period") if isinstance(inputs, dict) else None
    if isinstance(period, dict) and {"from", "to"} <= period.keys():
        period["from"], period["to"] = sorted([period["from"], period["to"]])


@schemathesis.hook
def before_call(context, case, kwargs):
    mode = case.meta and case.meta.generation.mode
    if not (mode and mode.is_positive):
        return
    in_order(case.body)
    headers = case.headers or {}
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = str(uuid4())
    for name in {"If-Match", "If-None-Match"} & headers.keys():
        if headers[name] != "*":
            headers[name] = '"1"'
