package least

import (
	"net/http"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
)

// NewConnect returns a server of connect-go on net/http with their defaults.
func NewConnect() *http.Server {
	mux := http.NewServeMux()
	mux.Handle(taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, connect.NewUnaryHandlerSimple(
		taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, Submit))
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	protocols.SetHTTP2(true)
	return &http.Server{Handler: mux, Protocols: protocols}
}
