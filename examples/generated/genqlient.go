// Lists a mentor's sessions with a client that genqlient generated. The mentor must have at least one session.
// Replace example.com/clients with the path of your module. For the server, an empty `after` is the same as none.
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
