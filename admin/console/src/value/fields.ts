import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";

// A MapValue's fields, byte by byte: the library's maps are objects, which have no
// place for a key such as "__proto__", and any text may be a key.

const whole = 1; // MapValue.fields, and an entry's key
const content = 2; // an entry's value
const delimited = 2; // the wire type of all three

/** Writes keys and values, which are messages, as a MapValue. */
export function writeFields(fields: readonly [string, Uint8Array][]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [name, value] of fields) {
    writer.tag(whole, delimited).fork();
    writer.tag(whole, delimited).string(name);
    writer.tag(content, delimited).bytes(value);
    writer.join();
  }
  return writer.finish();
}

/** Reads a MapValue's keys and values; of a key that comes twice, the last. */
export function readFields(bytes: Uint8Array): [string, Uint8Array][] {
  const fields = new Map<string, Uint8Array>();
  each(bytes, (number, entry) => {
    if (number !== whole) return;
    let name = "";
    let value = new Uint8Array();
    each(entry, (part, text) => {
      if (part === whole) name = new TextDecoder().decode(text);
      else if (part === content) value = new Uint8Array(text);
    });
    fields.set(name, value);
  });
  return [...fields];
}

function each(bytes: Uint8Array, take: (number: number, content: Uint8Array) => void): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type === delimited) take(number, reader.bytes());
    else reader.skip(type, number);
  }
}
