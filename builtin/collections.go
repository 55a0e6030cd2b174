package builtin

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/taskscheduler/taskscheduler/task"
)

var _ = task.Sync(processCollection, task.Params("items", "fields"), task.Doc("Tells how much a list and a map hold."))

// processCollection tells how much a list and a map hold.
func processCollection(list task.List, fields task.Map) string {
	return fmt.Sprintf("Array: %d items, Map: %d items", len(list), len(fields))
}

var _ = task.Sync(processNestedList, task.Params("lists", "others"), task.Doc("Shows the strings of a list's lists."))

// processNestedList shows the strings of a list's lists, and which of its items
// are no lists.
func processNestedList(lists task.List, _ ...task.Value) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Received nested list with %d inner lists: ", len(lists))
	for i, item := range lists {
		list, ok := item.List()
		if !ok {
			fmt.Fprintf(&b, "[Item %d is not a list] ", i)
			continue
		}
		fmt.Fprintf(&b, "[List %d (%d items): %s] ", i, len(list), strings.Join(stringsOf(list), ", "))
	}
	return b.String()
}

var _ = task.Sync(processComplexMap, task.Params("fields", "others"),
	task.Doc("Shows a map's fields id, active, metadata and tags."))

// processComplexMap shows the fields id, active, metadata and tags of a map.
// Those of another type are left out, which a struct as parameter would refuse.
func processComplexMap(fields task.Map, _ ...task.Value) string {
	var shown []string
	if v := fields["id"]; v.Kind() == task.KindInt64 {
		shown = append(shown, "ID="+v.String())
	}
	if v := fields["active"]; v.Kind() == task.KindBool {
		shown = append(shown, "Active="+v.String())
	}
	if metadata, ok := fields["metadata"].Map(); ok {
		shown = append(shown, "Metadata="+metadataText(metadata))
	}
	if tags, ok := fields["tags"].List(); ok {
		shown = append(shown, "Tags=["+strings.Join(stringsOf(tags), ", ")+"]")
	}
	return "Received complex map: " + strings.Join(shown, ", ")
}

// metadataText has a blank too many where there is no timestamp, as the contract
// has it.
func metadataText(metadata task.Map) string {
	text := "{ "
	if source, ok := metadata["source"].Str(); ok {
		text += "source=" + source + ", "
	}
	if timestamp, ok := metadata["timestamp"].Str(); ok {
		text += "timestamp=" + timestamp
	}
	return text + " }"
}

// stringsOf returns the strings of a list.
func stringsOf(items task.List) []string {
	texts := make([]string, 0, len(items))
	for _, item := range items {
		if s, ok := item.Str(); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

var _ = task.Sync(processPersonMap, task.Params("fields", "others"),
	task.Doc("Shows a map's fields name, age, isStudent and scores."))

// processPersonMap shows the fields name, age, isStudent and scores of a map.
// Those of another type are left out.
func processPersonMap(fields task.Map, _ ...task.Value) string {
	var shown []string
	if name, ok := fields["name"].Str(); ok {
		shown = append(shown, "Name="+name)
	}
	if v := fields["age"]; v.Kind() == task.KindInt32 {
		shown = append(shown, "Age="+v.String())
	}
	if v := fields["isStudent"]; v.Kind() == task.KindBool {
		shown = append(shown, "IsStudent="+v.String())
	}
	if scores, ok := fields["scores"].List(); ok {
		shown = append(shown, "Scores=["+strings.Join(decimals(scores), ", ")+"]")
	}
	return "Processing person: " + strings.Join(shown, ", ")
}

// decimals returns the Floats and Doubles of a list.
func decimals(items task.List) []string {
	texts := make([]string, 0, len(items))
	for _, item := range items {
		if f, ok := item.Float(); ok {
			texts = append(texts, decimal(float64(f), 32))
		} else if f, ok := item.Double(); ok && item.Kind() == task.KindDouble {
			texts = append(texts, decimal(f, 64))
		}
	}
	return texts
}

// decimal returns the fewest digits that read back the same, never with an
// exponent, and the contract's spelling of infinity.
func decimal(f float64, bits int) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	default:
		return strconv.FormatFloat(f, 'f', -1, bits)
	}
}
