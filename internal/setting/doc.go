// Package setting makes a struct's fields settings. What there is to say of one
// stands once, in its field's tags:
//
//	// MaxMessageBytes bounds one request or answer, decompressed.
//	MaxMessageBytes int `name:"max-message-bytes" default:"4MiB" type:"size" help:"Largest message, in and out."`
//
// The package that has the struct fills in defaults with [Fill] and refuses what
// no unit allows with [Check]. The command line makes of the same tags a flag, an
// environment variable, a key of the configuration file and a line of its help;
// the two tags that this package leaves to it are help and group, and those that
// say how a flag looks.
//
// A zero field means the default. A field without a name is for code alone.
package setting
