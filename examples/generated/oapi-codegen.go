// Starts a session and lists sessions, with a client that oapi-codegen generated.
// Replace example.com/clients with the path of your module.
package main

import (
	"context"
	"log"

	"example.com/clients/rest"
)

func main() {
	client, err := rest.NewClientWithResponses("http://127.0.0.1:4000")
	if err != nil {
		log.Fatal(err)
	}
	body := rest.SessionStart{MentorId: "mentor_001"}
	started, err := client.StartSessionWithResponse(context.Background(), nil, body)
	if err != nil || started.JSON201 == nil {
		log.Fatal(started, err)
	}
	params := rest.ListSessionsParams{MentorId: &body.MentorId}
	page, err := client.ListSessionsWithResponse(context.Background(), &params)
	if err != nil || page.JSON200.Data[0].State != "initial" {
		log.Fatal(page, err)
	}
}
