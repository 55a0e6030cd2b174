package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/loader"
)

// nearlyFull is the share of the tasks that the server takes, in percent, from which
// operators are told.
const nearlyFull = 90

// attention returns what a caller should look at, the urgent first.
func (s *service) attention(ctx context.Context) []*pb.Attention {
	list := slices.Concat(s.serverNeeds(), s.nodesNeed(), s.pluginsNeed(s.hidesValues(ctx)))
	slices.SortStableFunc(list, func(a, b *pb.Attention) int {
		switch {
		case a.GetUrgent() == b.GetUrgent():
			return 0
		case a.GetUrgent():
			return -1
		default:
			return 1
		}
	})
	return list
}

// serverNeeds is what there is to say of the server itself.
func (s *service) serverNeeds() (list []*pb.Attention) {
	add := func(kind pb.AttentionKind, urgent bool, count int, message string) {
		list = append(list, &pb.Attention{Kind: kind, Urgent: urgent, Count: uint64(count), Message: message})
	}
	if s.config.Full != nil && s.config.Full() {
		add(pb.AttentionKind_ATTENTION_KIND_DISK_FULL, true, 0, "the disk is full: what has to be kept is refused")
	}
	if s.config.Scheduler.Draining() {
		add(pb.AttentionKind_ATTENTION_KIND_DRAINING, true, 0, "the server drains: new tasks are refused")
	}
	admitted := s.config.Scheduler.Admitted()
	if most := s.config.MaxPending; most > 0 && admitted.Tasks >= most*nearlyFull/100 {
		add(pb.AttentionKind_ATTENTION_KIND_FULL, true, admitted.Tasks,
			fmt.Sprintf("%d tasks have not ended, of %d that the server takes", admitted.Tasks, most))
	}
	if n := admitted.Overdue; n > 0 {
		add(pb.AttentionKind_ATTENTION_KIND_OVERDUE_TASKS, false, n, fmt.Sprintf("tasks that have ended and whose functions go on: %d", n))
	}
	if n := s.letterCount(); n > 0 {
		add(pb.AttentionKind_ATTENTION_KIND_DEAD_LETTERS, false, n, fmt.Sprintf("tasks that have used up their attempts: %d", n))
	}
	return list
}

// letterCount is how many dead letters all nodes have, as far as they have told it.
func (s *service) letterCount() int {
	n := s.config.DeadLetters.Totals().Letters
	if s.config.Cluster.Alone() {
		return n
	}
	nodes, _ := s.config.Cluster.Nodes()
	for _, other := range nodes {
		if !other.GetSelf() {
			n += int(other.GetDeadLetters())
		}
	}
	return n
}

// nodesNeed is what there is to say of the other nodes of a cluster. One is told of
// until it comes back or is removed.
func (s *service) nodesNeed() (list []*pb.Attention) {
	if s.config.Cluster.Alone() {
		return nil
	}
	nodes, seen := s.config.Cluster.Nodes()
	for i, n := range nodes {
		if n.GetAlive() {
			continue
		}
		a := &pb.Attention{
			Kind: pb.AttentionKind_ATTENTION_KIND_NODE_GONE, Urgent: true, Subject: text(n.GetId()), Count: uint64(n.GetKept()),
			Message: fmt.Sprintf("no sign of life for %s; kept tasks that others take over: %d",
				time.Since(seen[i]).Truncate(time.Second), n.GetKept()),
		}
		if n.GetTakenOver() {
			a.Urgent = !n.GetLeft()
			a.Message = fmt.Sprintf("no sign of life for %s, and others have taken over its tasks: start it again, or remove it from the cluster",
				time.Since(seen[i]).Truncate(time.Second))
		}
		list = append(list, a)
	}
	return list
}

// pluginsNeed is what there is to say of plugins; hidden: without what they said.
func (s *service) pluginsNeed(hidden bool) (list []*pb.Attention) {
	plugins := s.config.Plugins.Plugins()
	slices.SortStableFunc(plugins, func(a, b loader.Plugin) int { return strings.Compare(a.Name, b.Name) })
	for i := range plugins {
		p := &plugins[i]
		a := &pb.Attention{Subject: text(p.Name), Message: withhold(text(p.LastError), hidden)}
		switch p.State {
		case loader.StateQuarantined:
			a.Kind, a.Urgent = pb.AttentionKind_ATTENTION_KIND_PLUGIN_QUARANTINED, true
		case loader.StateFailed:
			a.Kind, a.Urgent = pb.AttentionKind_ATTENTION_KIND_PLUGIN_FAILED, true
		case loader.StateRestarting:
			a.Kind = pb.AttentionKind_ATTENTION_KIND_PLUGIN_RESTARTING
		default:
			if len(p.Notes) == 0 {
				continue
			}
			a.Kind, a.Count = pb.AttentionKind_ATTENTION_KIND_CONFINEMENT_MISSING, uint64(len(p.Notes))
			a.Message = text(strings.Join(p.Notes, "; "))
		}
		list = append(list, a)
	}
	return list
}
