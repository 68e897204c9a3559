# Follows the feed with httpx-sse.
# After `pip install httpx httpx-sse`:   python httpx-sse.py
import time

import httpx
from httpx_sse import connect_sse

last = None
with httpx.Client(base_url="http://127.0.0.1:4000", timeout=httpx.Timeout(5, read=40)) as client:
    while True:
        headers = {"Last-Event-ID": last} if last else {}
        try:
            with connect_sse(client, "GET", "/api/v1/benefit-calculator-events", headers=headers) as source:
                source.response.raise_for_status()
                for event in source.iter_sse():
                    last = event.id or last
                    if event.event == "message":
                        transition = event.json()
                        print(transition["session_id"], transition["sequence"], flush=True)
        except httpx.HTTPError:
            pass
        time.sleep(1)
