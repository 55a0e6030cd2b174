package client

import "github.com/taskscheduler/taskscheduler/client/internal/link"

// ErrUnreachable is in the chain of the error of a call that got no answer:
// no connection could be made, or it broke. Whether a task ran is not known
// then; [Client.Result] tells, by the id.
var ErrUnreachable = link.ErrUnreachable
