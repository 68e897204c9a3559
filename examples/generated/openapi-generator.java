// Starts a session with a client that openapi-generator generated.
import org.openapitools.client.*;
import org.openapitools.client.api.SessionsApi;
import org.openapitools.client.model.*;

class Start {
  public static void main(String[] args) throws ApiException {
    ApiClient client = new ApiClient();
    client.updateBaseUri("http://127.0.0.1:4000");
    SessionsApi api = new SessionsApi(client);
    Session session = api.startSession(new SessionStart().mentorId("mentor_001"), null);
    if (session.getState() != SessionState.INITIAL) throw new AssertionError(session);
  }
}
