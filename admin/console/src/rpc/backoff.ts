const first = 500; // ms
const longest = 10_000;

/** How long to wait before the nth try, the first being 1; half of it is chance. */
export function pause(tries: number, chance = Math.random()): number {
  const whole = Math.min(longest, first * 2 ** Math.min(tries - 1, 10));
  return whole / 2 + (whole / 2) * chance;
}
