/** Rows and columns of both factors. */
export const matrixSide = 768;

/** An ONNX model of one node, product = a x b, written out in the wire format of protocol buffers. */
export function matrixProductModel(): Uint8Array {
  const dimension = message(1, varint(1, matrixSide));
  const square = message(1, [...varint(1, 1), ...message(2, [...dimension, ...dimension])]);
  const value = (field: number, name: string) => message(field, [...text(1, name), ...message(2, square)]);
  const node = message(1, [...text(1, 'a'), ...text(1, 'b'), ...text(2, 'product'), ...text(4, 'MatMul')]);
  const graph = message(7, [
    ...node,
    ...text(2, 'yardstick'),
    ...value(11, 'a'),
    ...value(11, 'b'),
    ...value(12, 'product'),
  ]);
  return Uint8Array.from([...varint(1, 8), ...graph, ...message(8, varint(2, 13))]);
}

function number(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(value >>> 7)];
}

const varint = (field: number, value: number) => [...number(field << 3), ...number(value)];
const message = (field: number, bytes: readonly number[]) => [
  ...number((field << 3) | 2),
  ...number(bytes.length),
  ...bytes,
];
const text = (field: number, value: string) => message(field, [...Buffer.from(value)]);
