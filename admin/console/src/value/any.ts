import { create, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type Any,
  AnySchema,
  BoolValueSchema,
  BytesValueSchema,
  DoubleValueSchema,
  FloatValueSchema,
  Int32ValueSchema,
  Int64ValueSchema,
  StringValueSchema,
  UInt32ValueSchema,
  UInt64ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { ListValueSchema, MapValueSchema } from "../gen/taskscheduler/task_scheduler_pb";
import { readFields, writeFields } from "./fields";
import { maxDepth, sorted, type Value } from "./value";

/** The message that carries a value. */
export function pack(v: Value): Any {
  switch (v.kind) {
    case "bool":
      return any(BoolValueSchema, toBinary(BoolValueSchema, create(BoolValueSchema, v)));
    case "int32":
      return any(Int32ValueSchema, toBinary(Int32ValueSchema, create(Int32ValueSchema, v)));
    case "uint32":
      return any(UInt32ValueSchema, toBinary(UInt32ValueSchema, create(UInt32ValueSchema, v)));
    case "int64":
      return any(Int64ValueSchema, toBinary(Int64ValueSchema, create(Int64ValueSchema, v)));
    case "uint64":
      return any(UInt64ValueSchema, toBinary(UInt64ValueSchema, create(UInt64ValueSchema, v)));
    case "float":
      return any(FloatValueSchema, toBinary(FloatValueSchema, create(FloatValueSchema, v)));
    case "double":
      return any(DoubleValueSchema, toBinary(DoubleValueSchema, create(DoubleValueSchema, v)));
    case "string":
      return any(StringValueSchema, toBinary(StringValueSchema, create(StringValueSchema, v)));
    case "bytes": {
      const message = create(BytesValueSchema, { value: new Uint8Array(v.value) });
      return any(BytesValueSchema, toBinary(BytesValueSchema, message));
    }
    case "list": {
      const message = create(ListValueSchema, { values: v.items.map(pack) });
      return any(ListValueSchema, toBinary(ListValueSchema, message));
    }
    case "map":
      return any(
        MapValueSchema,
        writeFields(v.fields.map(([name, field]) => [name, toBinary(AnySchema, pack(field))])),
      );
    default:
      throw new Error(`a ${v.kind} can't be sent`);
  }
}

function any(schema: DescMessage, value: Uint8Array): Any {
  return create(AnySchema, {
    typeUrl: `type.googleapis.com/${schema.typeName}`,
    value: new Uint8Array(value),
  });
}

/** The value that a message carries. */
export function unpack(message: Any, depth = 0): Value {
  const type = message.typeUrl.slice(message.typeUrl.lastIndexOf("/") + 1);
  const bytes = message.value;
  switch (type) {
    case BoolValueSchema.typeName:
      return { kind: "bool", value: fromBinary(BoolValueSchema, bytes).value };
    case Int32ValueSchema.typeName:
      return { kind: "int32", value: fromBinary(Int32ValueSchema, bytes).value };
    case UInt32ValueSchema.typeName:
      return { kind: "uint32", value: fromBinary(UInt32ValueSchema, bytes).value };
    case Int64ValueSchema.typeName:
      return { kind: "int64", value: fromBinary(Int64ValueSchema, bytes).value };
    case UInt64ValueSchema.typeName:
      return { kind: "uint64", value: fromBinary(UInt64ValueSchema, bytes).value };
    case FloatValueSchema.typeName:
      return { kind: "float", value: fromBinary(FloatValueSchema, bytes).value };
    case DoubleValueSchema.typeName:
      return { kind: "double", value: fromBinary(DoubleValueSchema, bytes).value };
    case StringValueSchema.typeName:
      return { kind: "string", value: fromBinary(StringValueSchema, bytes).value };
    case BytesValueSchema.typeName:
      return { kind: "bytes", value: fromBinary(BytesValueSchema, bytes).value };
  }
  if (depth > maxDepth) return { kind: "unknown", type };
  switch (type) {
    case ListValueSchema.typeName: {
      const items = fromBinary(ListValueSchema, bytes).values;
      return { kind: "list", items: items.map((item) => unpack(item, depth + 1)) };
    }
    case MapValueSchema.typeName: {
      const fields = readFields(bytes).map(([name, field]): [string, Value] => [
        name,
        unpack(fromBinary(AnySchema, field), depth + 1),
      ]);
      return { kind: "map", fields: sorted(fields) };
    }
    default:
      return { kind: "unknown", type };
  }
}
