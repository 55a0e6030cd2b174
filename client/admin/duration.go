package admin

import (
	"encoding/json"
	"time"
)

// A Duration is a number of seconds in JSON, such as 0.25.
type Duration struct{ time.Duration }

// MarshalJSON writes the seconds.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.Seconds()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Duration) UnmarshalJSON(text []byte) error {
	var seconds float64
	err := json.Unmarshal(text, &seconds)
	d.Duration = time.Duration(seconds * float64(time.Second))
	return err
}
