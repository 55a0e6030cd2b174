package admin

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/flags"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// whoAmICommand tells who one is to the server.
type whoAmICommand struct{}

// Run asks the server and prints its answer.
func (whoAmICommand) Run(ctx context.Context, s *Session) error {
	who, err := s.Client.WhoAmI(ctx)
	return s.show(err, who, func(t *table.Table) {
		t.Row("name", table.OrDash(who.Name))
		t.Row("role", who.Role)
		t.Row("from", who.Peer)
		t.Row("node", who.NodeID)
		t.Row("values", map[bool]string{true: "hidden", false: "shown"}[who.ValuesHidden])
		t.Row("may call", strings.Join(who.RPCs, " "))
	})
}

// auditCommand lists changes.
type auditCommand struct {
	Text   string `arg:"" optional:"" help:"Only those with this text in who, action or target."`
	Failed bool   `help:"Only those that failed or were refused."`
	Since  moment `placeholder:"TIME" help:"Only those at this time or later: how long ago, such as 10m, or 2006-01-02T15:04:05Z."`
	Until  moment `placeholder:"TIME" help:"Only those before this time."`
	Limit  limit  `default:"100" help:"How many to show at most; 0 is all."`
}

// Run asks the server, as often as it takes, and prints its answers.
func (a *auditCommand) Run(ctx context.Context, s *Session) error {
	list, err := s.Client.Audit(ctx, admin.AuditFilter{
		Text: a.Text, Failed: a.Failed, Since: a.Since.time, Until: a.Until.time, Limit: int(a.Limit),
	})
	return s.show(err, list, func(t *table.Table) {
		t.Row("TIME", "NODE", "WHO", "ROLE", "ACTION", "TARGET", "RESULT", "DETAILS")
		for i := range list.Entries {
			e := &list.Entries[i]
			details := make([]string, 0, len(e.Details))
			for _, key := range slices.Sorted(maps.Keys(e.Details)) {
				details = append(details, key+"="+e.Details[key])
			}
			t.Row(table.Time(e.Time), table.OrDash(e.NodeID), e.Who, e.Role, e.Action, table.OrDash(table.Shorten(e.Target)),
				table.Shorten(flags.In(e.Result)),
				table.OrDash(table.Shorten(strings.Join(details, " "))))
		}
		if list.More {
			t.Below("There are more: see --limit.")
		}
		unanswered(t, list.Unanswered, "theirs are missing")
	})
}

// tokenCommand makes a token. It asks no server.
type tokenCommand struct {
	Name string `arg:"" help:"Whose it is, in one word: the audit tells of it."`
	Role string `required:"" placeholder:"ROLE" complete:"role" help:"viewer, operator or admin."`
}

// Run prints the token, and the line of the server's file of roles.
func (c *tokenCommand) Run(s *Session) error {
	role, err := adminport.ParseRole(c.Role)
	if err != nil {
		return exit.Usagef("%w", err)
	}
	token, line, err := adminport.NewToken(c.Name, role)
	if err != nil {
		return exit.Usagef("%w", err)
	}
	return s.show(nil, map[string]any{"token": token, "line": line}, func(t *table.Table) {
		t.Row("token", token)
		t.Row("line", line)
		t.Below(fmt.Sprintf("Give the token to %s; it is shown this once. Put the line into the server's --admin-role-file.", c.Name))
	})
}
