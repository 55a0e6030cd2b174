package builtin

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/taskscheduler/taskscheduler/task"
)

var _ = task.Sync(ProcessCollection)

// ProcessCollection tells how much a list and a map hold.
func ProcessCollection(list task.List, fields task.Map) string {
	return fmt.Sprintf("Array: %d items, Map: %d items", len(list), len(fields))
}

var _ = task.Sync(ProcessNestedList)

// ProcessNestedList shows the items of a list's lists.
func ProcessNestedList(lists []task.List) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "Received nested list with %d inner lists: ", len(lists))
	for i, list := range lists {
		texts := make([]string, len(list))
		for j, item := range list {
			text, err := item.Text()
			if err != nil {
				return "", task.Errorf(task.InvalidArgument, "list %d, item %d: %w", i, j, err)
			}
			texts[j] = text
		}
		fmt.Fprintf(&b, "[List %d (%d items): %s] ", i, len(list), strings.Join(texts, ", "))
	}
	return b.String(), nil
}

var _ = task.Sync(ProcessComplexMap)

// ProcessComplexMap shows the fields id, active, metadata and tags of a map.
// Those of another type are left out, which a struct as parameter would refuse.
func ProcessComplexMap(fields task.Map) string {
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

func metadataText(metadata task.Map) string {
	var shown []string
	for _, key := range []string{"source", "timestamp"} {
		if s, ok := metadata[key].Str(); ok {
			shown = append(shown, key+"="+s)
		}
	}
	if shown == nil {
		return "{ }"
	}
	return "{ " + strings.Join(shown, ", ") + " }"
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

var _ = task.Sync(ProcessPersonMap)

// ProcessPersonMap shows the fields name, age, isStudent and scores of a map.
// Those of another type are left out.
func ProcessPersonMap(fields task.Map) string {
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

// decimals returns the Floats and Doubles of a list, each with the fewest
// digits that read back the same, and never with an exponent.
func decimals(items task.List) []string {
	texts := make([]string, 0, len(items))
	for _, item := range items {
		if f, ok := item.Float(); ok {
			texts = append(texts, strconv.FormatFloat(float64(f), 'f', -1, 32))
		} else if f, ok := item.Double(); ok && item.Kind() == task.KindDouble {
			texts = append(texts, strconv.FormatFloat(f, 'f', -1, 64))
		}
	}
	return texts
}
