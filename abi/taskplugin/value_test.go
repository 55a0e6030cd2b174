//go:build cgo

package taskplugin

import (
	"reflect"
	"strings"
	"testing"
)

func TestValuesGoThereAndBack(t *testing.T) {
	for _, v := range []any{
		nil, true, int32(-1), int64(-1), uint32(1), uint64(1 << 63), float32(0.5), 0.1, "日本",
		[]byte{0},
		[]any{},
		[]any{"", nil},
		map[string]any{"": []any{map[string]any{"x": int32(1)}}},
	} {
		encoded, err := encode(v)
		if got := decode(&encoded); err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("%v became %v, %v", v, got, err)
		}
		release(&encoded)
	}
	for _, v := range []any{struct{}{}, []any{1, make(chan int)}, map[int]int{1: 1}} {
		if _, err := encode(v); err == nil || !strings.Contains(err.Error(), "can't be a task's result") {
			t.Errorf("%T: got %v", v, err)
		}
	}
}
