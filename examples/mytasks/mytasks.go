// Package mytasks is tasks of a program's own: a main that imports it serves them,
// be it a copy of cmd/task-scheduler's or one that embeds the server.
package mytasks

import (
	"bytes"
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"strings"

	"github.com/taskscheduler/taskscheduler/task"
)

// Keeps a core busy; has names and words for those who call it.
var _ = task.Sync(Multiply, task.Params("factors"), task.Doc("Multiplies."))

// Multiply is the task "multiply".
func Multiply(factors ...float64) float64 {
	product := 1.0
	for _, factor := range factors {
		product *= factor
	}
	return product
}

// Waits on something; ctx ends with the task.
var _ = task.Async(FetchTitle)

// largestPage bounds what is read of a page, in bytes.
const largestPage = 1 << 20

// FetchTitle is the task "fetch_title". It returns a web page's title.
func FetchTitle(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", task.Errorf(task.InvalidArgument, "%w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", task.Errorf(task.Unavailable, "%w", err) // a client may try again
	}
	defer response.Body.Close()
	page, err := io.ReadAll(io.LimitReader(response.Body, largestPage))
	if err != nil {
		return "", task.Errorf(task.Unavailable, "%w", err)
	}
	_, after, _ := bytes.Cut(page, []byte("<title>"))
	title, _, found := bytes.Cut(after, []byte("</title>"))
	if !found {
		return "", errors.New("the page has no title")
	}
	return html.UnescapeString(strings.Join(strings.Fields(string(title)), " ")), nil
}
