package gobench

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	all := parse(strings.NewReader(`goos: linux
BenchmarkQueue/one-2   	   20000	      6497 ns/op	         3.275 cpu-µs/task	    153914 tasks/s	     962 B/op
BenchmarkQueue/river-postgres/jobs-2  	   20000	    154157 ns/op	      6487 tasks/s
BenchmarkQueue/one-2   	   20000	      6497 ns/op	         3.5 cpu-µs/task	    150000 tasks/s
BenchmarkQueue/one-2   	   20000	      6497 ns/op	         3.4 cpu-µs/task	    160000 tasks/s
PASS
`))
	if len(all) != 2 || all[0].name != "one" || all[1].name != "river-postgres/jobs" {
		t.Fatalf("got %+v", all)
	}
	if rate, ok := all[0].median("tasks/s"); rate != 153914 || !ok {
		t.Errorf("the median rate is %v, %t", rate, ok)
	}
	if _, ok := all[1].median("cpu-µs/task"); ok {
		t.Error("there is a figure that nobody printed")
	}
}
