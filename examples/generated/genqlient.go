// Lists the sessions of a mentor who has at least one, with a client from genqlient.
// Replace example.com/clients with the path of your module. The server treats an empty `after` like a missing one.
package main

import (
	"context"
	"log"
	"net/http"

	"github.com/Khan/genqlient/graphql"

	"example.com/clients/graph"
)

func main() {
	client := graphql.NewClient("http://127.0.0.1:4000/graphql", http.DefaultClient)
	answer, err := graph.Sessions(context.Background(), client, "mentor_001", "")
	if err != nil {
		log.Fatal(err)
	}
	if answer.Sessions.TotalCount < 1 || answer.Sessions.Nodes[0].CreatedAt.IsZero() {
		log.Fatal(answer)
	}
}
