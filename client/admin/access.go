package admin

import (
	"context"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// Identity is who one is to the server.
type Identity struct {
	// Name is who one has proved to be; empty where nobody is asked for proof.
	Name string `json:"name"`
	// Role is "viewer", "operator" or "admin".
	Role string `json:"role"`
	// Peer is the address that one calls from.
	Peer    string `json:"peer"`
	NodeID  string `json:"node_id"`
	Version string `json:"version"`
	// ValuesHidden: one isn't shown what tasks are called with, return and say.
	ValuesHidden bool `json:"values_hidden"`
	// ArgumentsKept: the server keeps what tasks are called with.
	ArgumentsKept bool `json:"arguments_kept"`
	// PluginUpload: the server takes plugins by [Client.UploadPlugin].
	PluginUpload bool `json:"plugin_upload"`
	// RPCs are those that one may call.
	RPCs []string `json:"rpcs"`
}

const rolePrefix = "ROLE_"

// WhoAmI tells who one is to the server, and what one may do.
func (c *Client) WhoAmI(ctx context.Context) (Identity, error) {
	response, err := call(ctx, c, c.rpc.WhoAmI, &adminpb.WhoAmIRequest{})
	return Identity{
		Name: response.GetName(), Role: word(response.GetRole(), rolePrefix), Peer: response.GetPeer(),
		NodeID: response.GetNodeId(), Version: response.GetVersion(), ValuesHidden: response.GetValuesHidden(),
		ArgumentsKept: response.GetArgumentsKept(), PluginUpload: response.GetPluginUpload(), RPCs: response.GetRpcs(),
	}, err
}

// AuditEntry is a change that somebody asked for.
type AuditEntry struct {
	Time time.Time `json:"time"`
	Who  string    `json:"who"`
	Role string    `json:"role"`
	Peer string    `json:"peer"`
	// Action is what was asked for, Target what it was about.
	Action string `json:"action"`
	Target string `json:"target,omitempty"`
	// Result is "ok", or why it was not done.
	Result  string            `json:"result"`
	Details map[string]string `json:"details,omitempty"`
	NodeID  string            `json:"node_id"`
}

// AuditFilter says which changes to list. A zero field lets all pass.
type AuditFilter struct {
	// Text is contained in who, action or target.
	Text string
	// Failed: only what was not done.
	Failed bool
	// Since is the earliest, Until comes after the latest one.
	Since, Until time.Time
	// Limit is how many to list at most; 0: all that are kept.
	Limit int
}

// AuditList is some changes, the newest first.
type AuditList struct {
	Entries []AuditEntry `json:"entries"`
	// More: AuditFilter.Limit left some out.
	More bool `json:"more"`
	// Unanswered are the ids of nodes that did not answer in time: theirs are missing.
	Unanswered []string `json:"unanswered_nodes,omitempty"`
}

// Audit lists changes that somebody asked for, of all nodes.
func (c *Client) Audit(ctx context.Context, filter AuditFilter) (AuditList, error) {
	list := AuditList{Entries: []AuditEntry{}} // no JSON of it is null
	var err error
	request := &adminpb.ListAuditRequest{
		Text: filter.Text, Failed: filter.Failed, Since: stamp(filter.Since), Until: stamp(filter.Until),
	}
	list.More, err = pages(filter.Limit, func(size uint32, token string) (read int, next string, err error) {
		request.PageSize, request.PageToken = size, token
		response, err := call(ctx, c, c.rpc.ListAudit, request)
		for _, e := range response.GetEntries() {
			list.Entries = append(list.Entries, AuditEntry{
				Time: moment(e.GetTime()), Who: e.GetWho(), Role: word(e.GetRole(), rolePrefix), Peer: e.GetPeer(),
				Action: e.GetAction(),
				Target: e.GetTarget(), Result: e.GetResult(), Details: e.GetDetails(), NodeID: e.GetNodeId(),
			})
		}
		list.Unanswered = addNew(list.Unanswered, response.GetUnansweredNodes())
		return len(response.GetEntries()), response.GetNextPageToken(), err
	})
	return list, err
}
