/** How a CSV separates values, and how many its first line has. */
export interface CsvShape {
  readonly delimiter: string;
  readonly columns: number;
}

const CANDIDATES = [',', '\t', ';', '|'] as const;
/** Records looked at. */
const RECORDS = 200;

/**
 * The delimiter that cuts most records of a text into the same number of fields, two or more. A comma
 * when none does. DuckDB's sniffer prefers one that cuts *all* alike, and so reads a table with one
 * ragged row as a single column of whole lines; fixing the delimiter makes it name that row instead.
 */
export function guessShape(text: string): CsvShape {
  let best: CsvShape = { delimiter: CANDIDATES[0], columns: 1 };
  let most = 0;
  for (const candidate of CANDIDATES) {
    const counts = fieldCounts(text, candidate);
    const tally = new Map<number, number>();
    for (const count of counts) tally.set(count, (tally.get(count) ?? 0) + 1);
    for (const [fields, records] of tally) {
      if (fields >= 2 && records > most) {
        best = { delimiter: candidate, columns: counts[0] ?? fields };
        most = records;
      }
    }
  }
  return best;
}

/** Fields of each record, quotes respected (RFC 4180). */
function fieldCounts(text: string, delimiter: string): number[] {
  const counts: number[] = [];
  let fields = 1;
  let isQuoted = false;
  let isBlank = true;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (!isQuoted && character === '\n') {
      if (!isBlank) counts.push(fields);
      if (counts.length === RECORDS) return counts;
      fields = 1;
      isBlank = true;
    } else {
      if (!isQuoted && character === delimiter) fields++;
      if (character !== '\r') isBlank = false;
    }
  }
  if (!isBlank) counts.push(fields);
  return counts;
}
