# Starts a session, calculates, handles an error, and closes the session, using a client that openapi-generator generated.
# After `pip install ./sessions-client`.
from openapi_client import ApiClient, ApiException, CalculateRequested, Command, Configuration, Inputs
from openapi_client import ErrorCode, SessionsApi, SessionStart, SessionState

with ApiClient(Configuration(host="http://127.0.0.1:4000")) as client:
    api = SessionsApi(client)
    session_id = api.start_session(SessionStart(mentor_id="mentor_001")).session_id
    etag = api.read_session_with_http_info(session_id).headers["ETag"]

    inputs = Inputs(sessions=25, avg_minutes=30, cost_per_session=3.5, cost_per_hour=30)
    calculate = Command(CalculateRequested(event="CalculateRequested", payload=inputs))
    session = api.dispatch_event(session_id, calculate, if_match=etag)
    assert session.state == SessionState.LOADED and session.updated_at.tzinfo

    try:
        api.dispatch_event(session_id, calculate, if_match=etag)
        raise AssertionError("the server accepted an old version")
    except ApiException as refused:
        assert refused.data.code == ErrorCode.VERSION_MISMATCH
        assert refused.data.status == 412 and refused.data.current_version == 3

    page = api.list_sessions(mentor_id="mentor_001", state=SessionState.LOADED, limit=1)
    assert page.data[0] == session and page.pagination.total >= 1
    assert api.close_session(session_id).deleted
