package task

import (
	"fmt"
	"math"
)

// As returns v as a value of that kind: itself where it has the kind already, or
// the same number where v and kind are numbers and kind holds it exactly, as an
// int32 does a double of 5. An error says what v is instead, in the words that
// follow "argument 2 ": "is a string".
func (v Value) As(kind Kind) (Value, error) {
	switch {
	case v.kind == kind:
		return v, nil
	case !v.kind.isNumber() || !kind.isNumber():
		return Value{}, another(v)
	}
	if converted, exact := v.convert(kind); exact {
		return converted, nil
	}
	return Value{}, &misfit{problem: fmt.Sprintf("is the %s %s, which %s can't hold", v.kind, v, kind.withArticle())}
}

func (k Kind) isNumber() bool { return KindInt32 <= k && k <= KindDouble }

func (k Kind) withArticle() string {
	switch k {
	case KindNull, KindBytes:
		return k.String()
	case KindInt32, KindInt64:
		return "an " + k.String()
	default:
		return "a " + k.String()
	}
}

// convert returns number v as one of another kind, and whether it is still the same.
func (v Value) convert(kind Kind) (Value, bool) {
	switch v.kind {
	case KindFloat, KindDouble:
		f, _ := v.Double()
		return fromFloat(f, kind)
	case KindUint32, KindUint64:
		return fromUint(v.num, kind)
	default:
		i, _ := v.Int64()
		return fromInt(i, kind)
	}
}

func fromFloat(f float64, kind Kind) (Value, bool) {
	const beyondInt64, beyondUint64 = 1 << 63, 1 << 64
	switch {
	case kind == KindDouble:
		return Double(f), true
	case kind == KindFloat:
		return Float(float32(f)), float64(float32(f)) == f || math.IsNaN(f)
	case f != math.Trunc(f): // not whole, or NaN
		return Value{}, false
	case -beyondInt64 <= f && f < beyondInt64: // what a conversion is defined for
		return fromInt(int64(f), kind)
	case 0 <= f && f < beyondUint64:
		return fromUint(uint64(f), kind)
	default:
		return Value{}, false
	}
}

func fromInt(i int64, kind Kind) (Value, bool) {
	const beyond = 1 << 63
	switch kind {
	case KindInt32:
		return Int32(int32(i)), i == int64(int32(i))
	case KindInt64:
		return Int64(i), true
	case KindFloat:
		f := float32(i)
		return Float(f), f < beyond && int64(f) == i
	case KindDouble:
		f := float64(i)
		return Double(f), f < beyond && int64(f) == i
	default:
		if i < 0 {
			return Value{}, false
		}
		return fromUint(uint64(i), kind)
	}
}

func fromUint(u uint64, kind Kind) (Value, bool) {
	const beyond = 1 << 64
	switch kind {
	case KindUint32:
		return Uint32(uint32(u)), u <= math.MaxUint32
	case KindUint64:
		return Uint64(u), true
	case KindFloat:
		f := float32(u)
		return Float(f), f < beyond && uint64(f) == u
	case KindDouble:
		f := float64(u)
		return Double(f), f < beyond && uint64(f) == u
	default:
		if u > math.MaxInt64 {
			return Value{}, false
		}
		return fromInt(int64(u), kind)
	}
}
