package jsontext

import (
	"strconv"
	"strings"
)

// maxExponent is more than any 64-bit integer's JSON form needs; a number with a
// larger one is none, or has as many digits.
const maxExponent = 1 << 20

// ParseInt returns the integer that a JSON number stands for: 5, 5.0 and 50e-1
// are the same, as protobuf's JSON has it. ok is false for what is not an integer of
// that many bits.
func ParseInt(number string, bits int) (i int64, ok bool) {
	i, err := strconv.ParseInt(number, 10, bits)
	if err == nil {
		return i, true
	}
	i, err = strconv.ParseInt(integer(number), 10, bits)
	return i, err == nil
}

// ParseUint is ParseInt without a sign.
func ParseUint(number string, bits int) (u uint64, ok bool) {
	u, err := strconv.ParseUint(number, 10, bits)
	if err == nil {
		return u, true
	}
	u, err = strconv.ParseUint(integer(number), 10, bits)
	return u, err == nil
}

// ParseFloat returns the number of that many bits that is nearest to a JSON
// number; ok is false where it is too large for one.
func ParseFloat(number string, bits int) (f float64, ok bool) {
	f, err := strconv.ParseFloat(number, bits)
	return f, err == nil
}

// IsNumber tells whether s is a JSON number and nothing else.
func IsNumber(s string) bool {
	c := checker{b: []byte(s)}
	if len(s) == 0 || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return false
	}
	c.number()
	return c.failed == nil && c.at == len(s)
}

// integer writes a JSON number without point and exponent, or returns "" when
// that is not an integer, or one of more digits than 64 bits hold.
func integer(number string) string {
	sign := ""
	if strings.HasPrefix(number, "-") {
		sign, number = "-", number[1:]
	}
	exponent := 0
	if at := strings.IndexAny(number, "eE"); at >= 0 {
		var err error
		exponent, err = strconv.Atoi(number[at+1:])
		if err != nil || exponent > maxExponent || exponent < -maxExponent {
			return ""
		}
		number = number[:at]
	}
	whole, fraction, _ := strings.Cut(number, ".")
	exponent -= len(fraction)
	digits := strings.TrimLeft(whole+fraction, "0")
	significant := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(significant)
	const most = 20 // digits of the largest uint64
	switch {
	case significant == "":
		return sign + "0"
	case exponent < 0 || len(significant)+exponent > most:
		return ""
	}
	return sign + significant + strings.Repeat("0", exponent)
}
