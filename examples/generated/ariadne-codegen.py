# Lists a mentor's sessions with a client that ariadne-codegen generated. The mentor must have at least one session.
from graphql_client import Client
from graphql_client.enums import SessionState

answer = Client(url="http://127.0.0.1:4000/graphql").sessions(mentor_id="mentor_001")
assert answer.sessions.total_count >= 1
assert answer.sessions.nodes[0].state in SessionState
