use crate::{Failure, FromValue, Value};

/// The arguments of a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args(pub Vec<Value>);

impl Args {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An argument, counted from 0, as that type. The failure is for the caller.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, Failure> {
        let Some(arg) = self.0.get(index) else {
            return Err(Failure::bad_arguments(format!("argument {} is missing", index + 1)));
        };
        T::from_value(arg.clone()).map_err(|e| Failure::bad_arguments(format!("argument {}: {e}", index + 1)))
    }

    /// The arguments from one on, as that type.
    pub fn rest<T: FromValue>(&self, first: usize) -> Result<Vec<T>, Failure> {
        (first..self.len()).map(|i| self.get(i)).collect()
    }
}

/// For tests: `args.into()` of a list of values.
impl<const N: usize> From<[Value; N]> for Args {
    fn from(values: [Value; N]) -> Self {
        Args(values.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn arguments_are_taken_as_what_they_are() {
        let args = Args::from([1i64.into(), vec![1.5, 2.5].into(), Value::from([("a", "b".into())]), Value::Null]);
        assert_eq!(args.get::<i64>(0), Ok(1));
        assert_eq!(args.get::<Vec<f64>>(1), Ok(vec![1.5, 2.5]));
        assert_eq!(args.get::<BTreeMap<String, String>>(2), Ok(BTreeMap::from([("a".into(), "b".into())])));
        assert_eq!(args.get::<Option<bool>>(3), Ok(None));
        assert_eq!(args.get::<Value>(1).unwrap().kind(), "list");
        assert_eq!(Args::from([1i32.into(), 2i32.into(), 3i32.into()]).rest::<i32>(1), Ok(vec![2, 3]));
    }

    #[test]
    fn failures_are_for_the_caller() {
        let args = Args::from(["x".into()]);
        assert_eq!(args.get::<i64>(0).unwrap_err(), Failure::bad_arguments("argument 1: want int64, got string"));
        assert_eq!(args.get::<i64>(1).unwrap_err(), Failure::bad_arguments("argument 2 is missing"));
    }
}
