// OSC 1.0 packets: what this page sends, and what it hears.

const BUNDLE = "#bundle";

const padded = (length) => (length + 4) & ~3;

function text(string) {
  const bytes = new TextEncoder().encode(string);
  const whole = new Uint8Array(padded(bytes.length));
  whole.set(bytes);
  return whole;
}

/** One message. `types` are OSC's: f, i, s; as many values as types. */
export function encode(path, types, values) {
  const parts = [text(path), text(`,${types}`)];
  values.forEach((value, index) => {
    if (types[index] === "s") {
      parts.push(text(String(value)));
      return;
    }
    const four = new DataView(new ArrayBuffer(4));
    if (types[index] === "i") four.setInt32(0, Number(value));
    else four.setFloat32(0, Number(value));
    parts.push(new Uint8Array(four.buffer));
  });
  const packet = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    packet.set(part, at);
    at += part.length;
  }
  return packet;
}

/** All messages of a packet as [path, values], those of bundles too. */
export function decode(buffer) {
  const view = new DataView(buffer);
  if (stringAt(view, 0).string !== BUNDLE) return [message(view)];
  const found = [];
  for (let at = 16; at + 4 <= view.byteLength; ) {
    const length = view.getInt32(at);
    found.push(...decode(buffer.slice(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return found;
}

function stringAt(view, at) {
  let end = at;
  while (end < view.byteLength && view.getUint8(end)) end += 1;
  const string = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, end - at));
  return { string, next: at + padded(end - at) };
}

function message(view) {
  const path = stringAt(view, 0);
  const types = stringAt(view, path.next);
  let at = types.next;
  const values = [...types.string.slice(1)].map((type) => {
    if (type === "s") {
      const found = stringAt(view, at);
      at = found.next;
      return found.string;
    }
    at += 4;
    return type === "i" ? view.getInt32(at - 4) : Number(view.getFloat32(at - 4).toPrecision(6));
  });
  return [path.string, values];
}
