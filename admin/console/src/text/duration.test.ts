import { expect, test } from "vitest";
import { spanText } from "./duration";

test("spans are as the command line has them", () => {
  for (const [span, want] of [
    [0, "0s"],
    [999, "999ns"],
    [1234, "1.23µs"],
    [12345, "12.3µs"],
    [123456, "123µs"],
    [999_900_000, "1s"],
    [1_500_000_000, "1.5s"],
    [59_999_000_000, "1m0s"],
    [61e9, "1m1s"],
    [3599.9e9, "1h0m"],
    [11_109e9, "3h5m"],
    [50 * 3600e9, "2d2h"],
    [-1500, "-1.5µs"],
  ] as const) {
    expect(spanText(span)).toBe(want);
  }
});
