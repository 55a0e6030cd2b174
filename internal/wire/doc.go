// Package wire turns argument values into bytes and back: the form that
// clients send inside google.protobuf.Any.
//
// A value is one of protobuf's wrapper messages (google.protobuf.Int32Value …),
// a taskscheduler.ListValue or a taskscheduler.MapValue; the last two hold
// further Anys. Generated code would make three objects and two copies of each
// of them, so this package reads the bytes itself, with the meaning that
// protobuf gives them: of a field that is there twice the last one counts,
// unknown fields are passed over, strings must be UTF-8. Fuzz tests hold it
// against protobuf-go.
//
// Bytes come from strangers: whatever they are, the answer is a value or an
// error, in time and memory proportional to their length.
package wire

// Names of the messages that values travel in.
const (
	nameBool   = "google.protobuf.BoolValue"
	nameInt32  = "google.protobuf.Int32Value"
	nameInt64  = "google.protobuf.Int64Value"
	nameUint32 = "google.protobuf.UInt32Value"
	nameUint64 = "google.protobuf.UInt64Value"
	nameFloat  = "google.protobuf.FloatValue"
	nameDouble = "google.protobuf.DoubleValue"
	nameString = "google.protobuf.StringValue"
	nameBytes  = "google.protobuf.BytesValue"
	nameList   = "taskscheduler.ListValue"
	nameMap    = "taskscheduler.MapValue"
)

// Numbers of their fields.
const (
	fieldValue   = 1 // of a wrapper: its value
	fieldValues  = 1 // of a ListValue: an Any
	fieldFields  = 1 // of a MapValue: an entry
	fieldKey     = 1 // of an entry
	fieldItem    = 2 // of an entry: an Any
	fieldTypeURL = 1 // of an Any
	fieldContent = 2 // of an Any: the message that the type URL names
)
