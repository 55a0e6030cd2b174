use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// An argument or a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int32(i32),
    Int64(i64),
    Uint32(u32),
    Uint64(u64),
    Float(f32),
    Double(f64),
    String(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The name of its kind, as in signatures.
    pub fn kind(&self) -> &'static str {
        const NAMES: [&str; 12] =
            ["null", "bool", "int32", "int64", "uint32", "uint64", "float", "double", "string", "bytes", "list", "map"];
        NAMES[self.kind_number() as usize]
    }

    pub(crate) fn kind_number(&self) -> u32 {
        match self {
            Value::Null => 0,
            Value::Bool(_) => 1,
            Value::Int32(_) => 2,
            Value::Int64(_) => 3,
            Value::Uint32(_) => 4,
            Value::Uint64(_) => 5,
            Value::Float(_) => 6,
            Value::Double(_) => 7,
            Value::String(_) => 8,
            Value::Bytes(_) => 9,
            Value::List(_) => 10,
            Value::Map(_) => 11,
        }
    }

    /// The field of a map that has that name.
    pub fn field(&self, name: &str) -> Option<&Value> {
        let Value::Map(fields) = self else { return None };
        fields.iter().find(|(key, _)| key == name).map(|(_, field)| field)
    }
}

/// A value is not of the kind that was asked for.
#[derive(Debug, PartialEq)]
pub struct WrongKind {
    want: &'static str,
    got: &'static str,
}

impl fmt::Display for WrongKind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "want {}, got {}", self.want, self.got)
    }
}

impl std::error::Error for WrongKind {}

/// What an argument can be taken as: see `Args::get`.
pub trait FromValue: Sized {
    fn from_value(v: Value) -> Result<Self, WrongKind>;
}

macro_rules! conversions {
    ($($variant:ident $type:ty, $name:literal;)*) => {$(
        impl From<$type> for Value {
            fn from(v: $type) -> Self { Value::$variant(v) }
        }
        impl FromValue for $type {
            fn from_value(v: Value) -> Result<Self, WrongKind> {
                match v {
                    Value::$variant(v) => Ok(v),
                    other => Err(WrongKind { want: $name, got: other.kind() }),
                }
            }
        }
    )*};
}

conversions! {
    Bool bool, "bool";
    Int32 i32, "int32";
    Int64 i64, "int64";
    Uint32 u32, "uint32";
    Uint64 u64, "uint64";
    Float f32, "float";
    Double f64, "double";
    String String, "string";
    Bytes Vec<u8>, "bytes";
    Map Vec<(String, Value)>, "map";
}

impl FromValue for Value {
    fn from_value(v: Value) -> Result<Self, WrongKind> {
        Ok(v)
    }
}

impl From<()> for Value {
    fn from(_: ()) -> Self {
        Value::Null
    }
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Value::String(v.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Value::Null, Into::into)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(v: Value) -> Result<Self, WrongKind> {
        match v {
            Value::Null => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(v: Vec<T>) -> Self {
        Value::List(v.into_iter().map(Into::into).collect())
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(v: Value) -> Result<Self, WrongKind> {
        match v {
            Value::List(items) => items.into_iter().map(T::from_value).collect(),
            other => Err(WrongKind { want: "list", got: other.kind() }),
        }
    }
}

macro_rules! maps {
    ($($map:ident)*) => {$(
        impl<T: Into<Value>> From<$map<String, T>> for Value {
            fn from(v: $map<String, T>) -> Self { Value::Map(v.into_iter().map(|(key, field)| (key, field.into())).collect()) }
        }
        impl<T: FromValue> FromValue for $map<String, T> {
            fn from_value(v: Value) -> Result<Self, WrongKind> {
                let fields = Vec::<(String, Value)>::from_value(v)?;
                fields.into_iter().map(|(key, field)| Ok((key, T::from_value(field)?))).collect()
            }
        }
    )*};
}

maps! { BTreeMap HashMap }

/// A map of literal names: `Value::from([("count", 3i64.into())])`.
impl<const N: usize> From<[(&str, Value); N]> for Value {
    fn from(fields: [(&str, Value); N]) -> Self {
        Value::Map(fields.into_iter().map(|(key, field)| (key.into(), field)).collect())
    }
}
