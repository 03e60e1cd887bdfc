/**
 * Compares names as people count: 9.png before 10.png. Letters go by their code, so that the order is the same on
 * every machine, whatever its language; of numbers that differ in leading zeros only, by that as well.
 */
export function naturalOrder(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.split(/(\d+)/)) as [string[], string[]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order =
      i % 2 === 1
        ? byNumber(left[i] as string, right[i] as string)
        : byCode(left[i] as string, right[i] as string);
    if (order !== 0) return order;
  }
  return left.length - right.length || byCode(a, b);
}

/** Digits of any length: more of them, without leading zeros, are more. */
function byNumber(a: string, b: string): number {
  const [left, right] = [a, b].map((digits) => digits.replace(/^0+/, '')) as [string, string];
  return left.length - right.length || byCode(left, right);
}

function byCode(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
