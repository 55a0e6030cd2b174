package task_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

var numberKinds = []task.Kind{
	task.KindInt32, task.KindInt64, task.KindUint32, task.KindUint64, task.KindFloat, task.KindDouble,
}

// exact returns a number as it is, or nil for what is none.
func exact(v task.Value) *big.Float {
	f := new(big.Float).SetPrec(128)
	switch v.Kind() {
	case task.KindUint64:
		u, _ := v.Uint64()
		return f.SetUint64(u)
	case task.KindFloat, task.KindDouble:
		d, _ := v.Double()
		if math.IsNaN(d) {
			return nil
		}
		return f.SetFloat64(d)
	default:
		i, _ := v.Int64()
		return f.SetInt64(i)
	}
}

// holds tells whether a number of that kind can be f.
func holds(kind task.Kind, f *big.Float) bool {
	between := func(low, high float64) bool { // high itself is too large
		return f.IsInt() && f.Cmp(big.NewFloat(low)) >= 0 && f.Cmp(big.NewFloat(high)) < 0
	}
	switch kind {
	case task.KindInt32:
		return between(-1<<31, 1<<31)
	case task.KindInt64:
		return between(-1<<63, 1<<63)
	case task.KindUint32:
		return between(0, 1<<32)
	case task.KindUint64:
		return between(0, 1<<64)
	case task.KindFloat:
		_, accuracy := f.Float32()
		return accuracy == big.Exact
	default:
		_, accuracy := f.Float64()
		return accuracy == big.Exact
	}
}

// checkAs converts a number to every kind and compares that with arithmetic that
// is always exact.
func checkAs(t *testing.T, v task.Value) {
	t.Helper()
	f := exact(v)
	for _, kind := range numberKinds {
		got, err := v.As(kind)
		switch {
		case f == nil: // not a number stays that, and only floats have it
			if floats := kind >= task.KindFloat; floats != (err == nil) || floats && exact(got) != nil {
				t.Errorf("NaN as %s: %s, %v", kind, got, err)
			}
		case holds(kind, f) != (err == nil):
			t.Errorf("the %s %s as %s: %v", v.Kind(), v, kind, err)
		case err == nil && (got.Kind() != kind || exact(got).Cmp(f) != 0):
			t.Errorf("the %s %s as %s: the %s %s", v.Kind(), v, kind, got.Kind(), got)
		}
	}
}

func TestAs(t *testing.T) {
	for _, i := range []int64{
		0, 1, -1, math.MaxInt32, math.MaxInt32 + 1, math.MinInt32, math.MinInt32 - 1, math.MaxUint32, math.MaxUint32 + 1,
		1 << 24, 1<<24 + 1, 1 << 53, 1<<53 + 1, -(1<<53 + 1), math.MaxInt64, math.MaxInt64 - 1, math.MinInt64, math.MinInt64 + 1,
	} {
		checkAs(t, task.Int64(i))
		checkAs(t, task.Int32(int32(i)))
		checkAs(t, task.Uint64(uint64(i)))
		checkAs(t, task.Uint32(uint32(i)))
		checkAs(t, task.Double(float64(i)))
		checkAs(t, task.Float(float32(i)))
	}
	for _, f := range []float64{
		0.5, -0.5, 0.1, 1e21, 1e300, math.MaxFloat32, math.SmallestNonzeroFloat64, 1 << 63, 1 << 64,
		-(1 << 63), math.Nextafter(1<<63, 0), math.Nextafter(1<<64, 0), math.Inf(1), math.Inf(-1), math.NaN(), math.Copysign(0, -1),
	} {
		checkAs(t, task.Double(f))
		checkAs(t, task.Float(float32(f)))
	}
}

func FuzzAs(f *testing.F) {
	f.Add(uint64(1), byte(0))
	f.Add(math.Float64bits(1<<63), byte(5))
	f.Fuzz(func(t *testing.T, bits uint64, kind byte) {
		checkAs(t, [...]task.Value{
			task.Int32(int32(bits)), task.Int64(int64(bits)), task.Uint32(uint32(bits)), task.Uint64(bits),
			task.Float(math.Float32frombits(uint32(bits))), task.Double(math.Float64frombits(bits)),
		}[kind%6])
	})
}

// Values other than numbers are never converted.
func TestAsOfOthers(t *testing.T) {
	for _, v := range []task.Value{
		task.Null(), task.Bool(true), task.String("5"), task.Bytes([]byte("5")), task.ListOf(), task.MapOf(nil), task.Int32(1),
	} {
		for kind := task.KindNull; kind <= task.KindMap; kind++ {
			got, err := v.As(kind)
			number := v.Kind() == task.KindInt32 && task.KindInt32 <= kind && kind <= task.KindDouble
			if same := v.Kind() == kind; (same || number) != (err == nil) || same && got.Kind() != kind {
				t.Errorf("%s as %s: %s, %v", v.Kind(), kind, got, err)
			}
		}
	}
	for _, test := range []struct {
		v    task.Value
		kind task.Kind
		want string
	}{
		{task.String("5"), task.KindInt32, "is a string"},
		{task.Int32(5), task.KindString, "is an int32"},
		{task.Bytes(nil), task.KindString, "is bytes"},
		{task.Null(), task.KindList, "is null"},
		{task.Double(math.NaN()), task.KindUint32, "is the double NaN, which a uint32 can't hold"},
	} {
		if _, err := test.v.As(test.kind); err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
