import { expect, test } from "vitest";
import { countText, percentText, plural, rateText, sizeText } from "./number";

test("sizes are as the command line has them", () => {
  for (const [bytes, want] of [
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.00 KiB"],
    [10240, "10.0 KiB"],
    [1023 * 1024, "1.00 MiB"],
    [100 * 2 ** 20, "100 MiB"],
    [18446744073709551615n, "16.0 EiB"],
  ] as const) {
    expect(sizeText(bytes)).toBe(want);
  }
});

test("numbers have as many digits as one reads", () => {
  expect(countText(12345678901234567890n)).toBe("12,345,678,901,234,567,890");
  expect([0, 0.001, 0.25, 12.345, 99.99, 1234.5].map(rateText)).toEqual([
    "0",
    "< 0.01",
    "0.25",
    "12.3",
    "100",
    "1,235",
  ]);
  expect([0, 0.0001, 0.042, 0.5, 0.9999, 1].map(percentText)).toEqual([
    "0%",
    "< 0.1%",
    "4.2%",
    "50%",
    "> 99.9%",
    "100%",
  ]);
  expect([plural(1, "task"), plural(2n, "task"), plural(0, "entry", "entries")]).toEqual([
    "1 task",
    "2 tasks",
    "0 entries",
  ]);
});
