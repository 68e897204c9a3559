"""Adjusts generated requests to rules that no schema can express. Each Idempotency-Key is unique, because the server
refuses another request with a used key. Entity tags are `*` or quoted. A period and a range of months do not end before
they begin, a report has at most 120 months, and a range of costs includes the cost of an hour. A filter does not name an
organisation and exclude all of them. A reassignment names a mentor or an organisation. Amounts have few decimals:
validators that compute in binary cannot check that."""

from uuid import uuid4

import schemathesis


def adjust(body):
    inputs = body.get("payload", body.get("inputs", body)) if isinstance(body, dict) else None
    if not isinstance(inputs, dict):
        return
    if body.get("event") == "ReassignRequested" and inputs.get("mentor_id") is None:
        inputs.setdefault("organisation_id", None)
    for name, decimals in {"avg_minutes": 2, "cost_per_session": 4, "cost_per_hour": 4}.items():
        if isinstance(inputs.get(name), float):
            inputs[name] = round(inputs[name], decimals)
    bounds = inputs.get("cost_per_hour_range")
    if isinstance(bounds, dict) and {"low", "high"} <= bounds.keys():
        amounts = [bounds["low"], inputs["cost_per_hour"], bounds["high"]]
        bounds["low"], inputs["cost_per_hour"], bounds["high"] = sorted(round(amount, 4) for amount in amounts)
    period = inputs.get("period")
    if isinstance(period, dict) and {"from", "to"} <= period.keys():
        period["from"], period["to"] = sorted([period["from"], period["to"]])
    if {"from", "to"} <= inputs.keys():
        inputs["from"], inputs["to"] = sorted([inputs["from"], inputs["to"]])
        if int(inputs["to"][:4]) - int(inputs["from"][:4]) >= 10:
            inputs["from"] = inputs["to"]


@schemathesis.hook
def before_call(context, case, kwargs):
    mode = case.meta and case.meta.generation.mode
    if not (mode and mode.is_positive):
        return
    adjust(case.body)
    query = case.query or {}
    if {"from", "to"} <= query.keys():
        query["from"], query["to"] = sorted([query["from"], query["to"]])
    if "organisation_id" in query:
        query.pop("without_organisation", None)
    headers = case.headers or {}
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = str(uuid4())
    for name in {"If-Match", "If-None-Match"} & headers.keys():
        if headers[name] != "*":
            headers[name] = '"1"'
