// Package jsontext reads JSON texts that come from strangers. A text is checked
// as a whole first ([Check]), in one pass that keeps eight bytes an object; what
// reads it afterwards ([Cursor]) goes from front to back and looks at each byte
// a constant number of times, however the text nests.
//
// encoding/json builds values that nobody asked for, and a decoder that takes an
// object's "@type" from wherever it stands has to read the object twice: nested,
// that is the square of the text. So the check notes where each object's "@type"
// is.
package jsontext
