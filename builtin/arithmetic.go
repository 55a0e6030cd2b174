package builtin

import (
	"math"
	"math/bits"

	"github.com/taskscheduler/taskscheduler/task"
)

var _ = task.Sync(add, task.Params("numbers"), task.Doc("Adds numbers."))

// add returns the sum of numbers, 0 for none.
func add(numbers ...int32) (int32, error) {
	var sum int64
	for _, n := range numbers {
		sum += int64(n)
	}
	return toInt32(sum)
}

var _ = task.Sync(remove, task.Params("numbers"), task.Doc("Subtracts all other numbers from the first."))

// remove returns the first number less the others.
func remove(numbers ...int32) (int32, error) {
	if len(numbers) < 2 {
		return 0, task.Errorf(task.InvalidArgument, "Need at least 2 arguments for remove")
	}
	rest := int64(numbers[0])
	for _, n := range numbers[1:] {
		rest -= int64(n)
	}
	return toInt32(rest)
}

// toInt32 refuses what an int32 can't hold. Sums are made in 64 bits, which no
// number of arguments that fits into memory overflows.
func toInt32(n int64) (int32, error) {
	if n < math.MinInt32 || n > math.MaxInt32 {
		return 0, task.Errorf(task.InvalidArgument, "%d is past what an int32 holds", n)
	}
	return int32(n), nil
}

var _ = task.Sync(sumList, task.Params("numbers", "others"), task.Doc("Adds the integers of a list."))

// sumList returns the sum of the Int32 and Int64 items of a list; others are
// passed over. It adds in 128 bits, so only the sum itself must fit into an
// int64, in whatever order the items come.
func sumList(items task.List, _ ...task.Value) (int64, error) {
	var high int64
	var low uint64
	for _, item := range items {
		if kind := item.Kind(); kind != task.KindInt32 && kind != task.KindInt64 {
			continue
		}
		n, _ := item.Int64()
		var carry uint64
		low, carry = bits.Add64(low, uint64(n), 0)
		high += n>>63 + int64(carry)
	}
	sum := int64(low)
	if high != sum>>63 { // more than the sign
		return 0, task.Errorf(task.InvalidArgument, "the sum is past what an int64 holds")
	}
	return sum, nil
}
