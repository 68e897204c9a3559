# Starts a session and calculates, using a client that openapi-python-client generated.
from sessions_client import Client
from sessions_client.api.sessions import dispatch_event, start_session
from sessions_client.models import CalculateRequested, Inputs, Session, SessionStart, SessionState

with Client(base_url="http://127.0.0.1:4000") as client:
    session = start_session.sync(client=client, body=SessionStart(mentor_id="mentor_001"))
    assert isinstance(session, Session)
    inputs = Inputs(sessions=25, avg_minutes=30, cost_per_session=3.5, cost_per_hour=30)
    calculate = CalculateRequested(event="CalculateRequested", payload=inputs)
    session = dispatch_event.sync(session.session_id, client=client, body=calculate, if_match='"1"')
    assert isinstance(session, Session) and session.state == SessionState.LOADED
