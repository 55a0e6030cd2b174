const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** A count with its thousands apart: 12,345. */
export function countText(n: number | bigint): string {
  return grouped.format(n);
}

/** How many a second, with as many digits as one reads: 0.25, 12.3, 1,234. */
export function rateText(perSecond: number): string {
  if (perSecond === 0) return "0";
  if (perSecond < 0.01) return "< 0.01";
  if (perSecond < 100) return String(Number(perSecond.toPrecision(3)));
  return grouped.format(Math.round(perSecond));
}

/** A share of 1 in percent; what isn't nothing is never shown as nothing. */
export function percentText(fraction: number): string {
  const percent = fraction * 100;
  if (percent > 0 && percent < 0.1) return "< 0.1%";
  if (percent < 100 && percent > 99.9) return "> 99.9%";
  return `${Number(percent.toFixed(percent < 10 ? 1 : 0))}%`;
}

/** A number of bytes with three digits and a unit: 24.1 MiB. */
export function sizeText(bytes: number | bigint): string {
  let value = Number(bytes);
  if (value < 1024) return `${value} B`;
  let unit = 0;
  while (value >= 999.5 && unit < 6) {
    value /= 1024;
    unit++;
  }
  const decimals = Math.max(0, 2 - Math.trunc(Math.log10(value)));
  return `${value.toFixed(decimals)} ${" KMGTPE"[unit]}iB`;
}

/** "1 task", "2 tasks". */
export function plural(n: number | bigint, one: string, many = `${one}s`): string {
  return `${countText(n)} ${Number(n) === 1 ? one : many}`;
}
