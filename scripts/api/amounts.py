"""Checks with jsonschema, which computes in binary, that an OpenAPI description accepts every amount up to 100.00."""

import json
import sys
from importlib.metadata import version

from jsonschema import Draft202012Validator

with open(sys.argv[1]) as file:
    description = json.load(file)
validator = Draft202012Validator({**description, "$ref": "#/components/schemas/CalculateRequested"})
figures = {"sessions": 25, "avg_minutes": 30, "cost_per_session": 3.5, "cost_per_hour": 30}
refused = [
    (name, pence / 100)
    for pence in range(10_001)
    for name in ("avg_minutes", "cost_per_session", "cost_per_hour")
    if not validator.is_valid({"event": "CalculateRequested", "payload": {**figures, name: pence / 100}})
]
print(f"{len(refused)} amounts refused by jsonschema {version('jsonschema')}", *refused[:5])
sys.exit(1 if refused else 0)
