package compare

import (
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/servers"
)

// measured is a case with a rate, and a latency, for each round.
func measured(group string, kind servers.Kind, rates ...float64) Measured {
	m := Measured{Case: Case{Group: group, Name: string(kind), Server: kind}}
	for _, r := range rates {
		m.Figures = append(m.Figures, Figure{
			Rate: r, P50: time.Millisecond, P99: time.Duration(1e9 / r), P999: time.Second, PerTask: time.Duration(1e9 / r), Memory: 1e6,
		})
	}
	return m
}

// A round in which the machine was slow for both changes no ratio.
func TestRatiosAreOfTheSameRound(t *testing.T) {
	a, b := measured(unary, servers.Service, 100, 10, 300), measured(unary, servers.GRPCGo, 50, 5, 150)
	if got := Ratio(&a, &b, rate); got != 2 {
		t.Errorf("got %v", got)
	}
}

func TestTheTextSaysWhereThisProjectLoses(t *testing.T) {
	o := &Outcome{
		Machine: "a machine", Server: 1, Rate: 25_000,
		Ways: []Measured{
			measured(unary, servers.Service, 100_000, 100_000, 90_000), measured(unary, servers.GRPCGo, 50_000, 50_000, 50_000),
			measured(stream, servers.Service, 150_000, 150_000, 150_000), measured(stream, servers.GRPCGo, 300_000, 300_000, 300_000),
		},
		Latency: []Measured{measured(unary, servers.Service, 25_000), measured(unary, servers.GRPCGo, 24_000)},
		Idle:    map[servers.Kind]int64{servers.Service: 19e6, servers.GRPCGo: 12e6},
	}
	text := o.Text()
	for _, want := range []string{
		"a machine", "GOGC", unary, stream, "25.0k",
		"- " + stream + ": 0.50 of grpc-go's rate.",
		"- Idle memory: 19.0 MB, grpc-go has 12.0 MB.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if strings.Contains(text, "- "+unary) {
		t.Error("it says that this project loses where it wins")
	}
	if len(o.Pictures()) != 3 {
		t.Errorf("%d pictures", len(o.Pictures()))
	}
}
