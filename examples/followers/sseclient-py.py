# Follows the feed with sseclient-py.
# After `pip install sseclient-py urllib3`:   python sseclient-py.py
import json
import time

import urllib3
from sseclient import SSEClient

http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=40), retries=False)
last = None
while True:
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last} if last else {})}
    try:
        url = "http://127.0.0.1:4000/api/v1/benefit-calculator-events"
        answer = http.request("GET", url, headers=headers, preload_content=False)
        for event in SSEClient(answer).events() if answer.status == 200 else []:
            last = event.id or last
            if event.event == "message":
                transition = json.loads(event.data)
                print(transition["session_id"], transition["sequence"], flush=True)
    except urllib3.exceptions.HTTPError:
        pass
    time.sleep(1)
