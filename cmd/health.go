package cmd

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// healthCommand asks a server whether it takes tasks, for exec probes.
type healthCommand struct {
	Service string        `placeholder:"NAME" help:"Service to ask about, such as taskscheduler.TaskScheduler (default: all of them)."`
	Timeout time.Duration `type:"period" default:"5s" help:"How long the answer may take."`

	Server     string     `group:"Connection:" short:"s" default:"${addr}" placeholder:"HOST:PORT" help:"Server to call (default: ${addr})."`
	Encryption encryption `embed:""`
}

// Help tells the exit codes.
func (healthCommand) Help() string {
	return `It makes the health check that gRPC clients and load balancers make.

Examples:

    task-scheduler health
    task-scheduler health --server localhost:50051 --tls-ca-cert ca.crt

Exit codes: 0 it serves, 1 it does not, 2 wrong usage, 3 no connection to the server.`
}

// Run asks once and prints the answer.
func (h *healthCommand) Run(ctx context.Context, out *output) error {
	security, err := h.Encryption.security()
	if err != nil {
		return err
	}
	if _, _, err := net.SplitHostPort(h.Server); err != nil {
		return exit.Usagef("--server: want host:port, got %q", h.Server)
	}
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	status, err := checkHealth(ctx, reachable(h.Server), security, h.Service)
	if err != nil {
		return err
	}
	if err := out.line(status); err != nil || status == "SERVING" {
		return err
	}
	return &exit.Error{Code: exit.Failed, Err: errors.New("the server takes no tasks now")}
}

// maxHealthAnswer bounds an answer that may come from any server, in bytes.
const maxHealthAnswer = 64 << 10

// checkHealth makes a health check, over TLS if security isn't nil. It takes no
// HTTP/2 and no protobuf: the server answers JSON as well.
func checkHealth(ctx context.Context, server string, security *tls.Config, service string) (status string, err error) {
	target := url.URL{Scheme: "http", Host: server, Path: "/grpc.health.v1.Health/Check"}
	if security != nil {
		target.Scheme = "https"
	}
	question, err := json.Marshal(map[string]string{"service": service})
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(string(question)))
	if err != nil {
		return "", exit.Usagef("--server: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	transport := &http.Transport{TLSClientConfig: security, DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		_, plain := errors.AsType[tls.RecordHeaderError](err)
		if plain || strings.Contains(err.Error(), "HTTP response to HTTPS client") {
			err = errors.New("it speaks no TLS: call it without --tls")
		}
		if errors.Is(err, context.DeadlineExceeded) {
			err = errors.New("no answer within --timeout; a node that waits for the others of its cluster gives none")
		}
		return "", &exit.Error{Code: exit.Unreachable, Err: fmt.Errorf("cannot reach %s: %w", server, err)}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxHealthAnswer))
	var answer struct {
		Status  string `json:"status"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	if err == nil {
		err = json.Unmarshal(text, &answer)
	}
	switch {
	case bytes.Contains(text, []byte("HTTP request to an HTTPS server")):
		return "", &exit.Error{Code: exit.Unreachable, Err: fmt.Errorf("cannot reach %s: it speaks TLS, and is called in the clear: set --tls", server)}
	case err != nil:
		return "", fmt.Errorf("%s answers %s, as no server of tasks does", server, response.Status)
	case answer.Code != "":
		return "", errors.New(table.Line(strings.ToUpper(answer.Code) + ": " + answer.Message))
	default:
		return strings.TrimPrefix(table.Line(answer.Status), "SERVING_STATUS_"), nil // as some servers' JSON has it
	}
}
