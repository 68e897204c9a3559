// Starts a session, calculates, handles an error, and closes the session, using a client that openapi-generator generated.
// Replace example.com/clients with the path of your module.
package main

import (
	"context"
	"errors"
	"log"

	"example.com/clients/sessions"
)

func main() {
	ctx := context.Background()
	configuration := sessions.NewConfiguration()
	configuration.Servers[0].URL = "http://127.0.0.1:4000"
	api := sessions.NewAPIClient(configuration).SessionsAPI

	started, response, err := api.StartSession(ctx).SessionStart(*sessions.NewSessionStart("mentor_001")).Execute()
	if err != nil {
		log.Fatal(err)
	}
	id, etag := started.SessionId, response.Header.Get("ETag")

	inputs := sessions.NewInputs(25, 30, 3.5, 30)
	command := sessions.CalculateRequestedAsCommand(sessions.NewCalculateRequested("CalculateRequested", *inputs))
	session, _, err := api.DispatchEvent(ctx, id).Command(command).IfMatch(etag).Execute()
	if err != nil || session.State != sessions.LOADED {
		log.Fatal(session, err)
	}

	_, _, err = api.DispatchEvent(ctx, id).Command(command).IfMatch(etag).Execute()
	var refused *sessions.GenericOpenAPIError
	if !errors.As(err, &refused) {
		log.Fatal("the server accepted an old version: ", err)
	}
	problem := refused.Model().(sessions.Problem)
	if problem.Code != sessions.VERSION_MISMATCH || problem.GetCurrentVersion() != 3 {
		log.Fatal(problem)
	}

	if read, _, err := api.ReadSession(ctx, id).Execute(); err != nil || !read.UpdatedAt.Equal(session.UpdatedAt) {
		log.Fatal(read, err)
	}
	page, _, err := api.ListSessions(ctx).MentorId("mentor_001").State(sessions.LOADED).Execute()
	if err != nil || page.Data[0].SessionId != id {
		log.Fatal(page, err)
	}
	if closed, _, err := api.CloseSession(ctx, id).Execute(); err != nil || !closed.Deleted {
		log.Fatal(closed, err)
	}
}
